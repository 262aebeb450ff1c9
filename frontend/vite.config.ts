import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The hub that the development server hands API calls and sockets to.
const hub = process.env.MULTAQA_DEV_TARGET ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: {
    port: Number(process.env.PORT ?? 5173),
    proxy: {
      "/api": { target: hub, ws: true },
      "/guides": { target: hub },
      "/published": { target: hub },
      "/site": { target: hub },
    },
  },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    sourcemap: false,
    target: "es2022",
    // For older browsers :dir() would be rewritten to a list of languages, which says nothing of a field's own direction.
    cssTarget: ["chrome130", "edge130", "firefox130", "safari18"],
    // Fonts and small images stay files: data: URLs are not in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 60_000, // paid by a test that fails only
    hookTimeout: 60_000,
  },
} as Parameters<typeof defineConfig>[0]);
