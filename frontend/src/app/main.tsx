import "../styles/global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { applyToDocument, storedPrefs } from "../locales/prefs";
import { App } from "./providers";
import "../ui/html"; // its policies are made before anything else could take their names

// Before the first paint, so that neither the theme nor the direction flashes.
applyToDocument(storedPrefs());

const root = document.getElementById("root");
if (!root) throw new Error("no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
