import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiFault } from "../api/client";
import { sessionKey } from "../api/session";
import { PrefsProvider } from "../locales/prefs";
import { ToastProvider } from "../ui/Toast";
import { makeRouter } from "./routes";

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live notices say when to refetch; a minute bounds what a lost notice can hide.
      staleTime: 30_000,
      retry: (count, fault) => count < 2 && fault instanceof ApiFault && (fault.status === 0 || fault.status >= 502),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
  queryCache: new QueryCache({
    onError: (fault, query) => {
      // The session ended elsewhere: read it again, and the guard leads to the sign-in page.
      if (fault instanceof ApiFault && fault.status === 401 && query.queryKey[0] !== sessionKey[0]) {
        client.invalidateQueries({ queryKey: sessionKey });
      }
    },
  }),
});
const router = makeRouter(client);

/** The whole application. */
export function App() {
  return (
    <PrefsProvider>
      <QueryClientProvider client={client}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </PrefsProvider>
  );
}
