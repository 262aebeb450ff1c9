import { useRouter } from "@tanstack/react-router";
import type { AnchorHTMLAttributes } from "react";

/** A link to an address that came from the hub. Inside the application it does not reload the page. */
export function GoLink({ href, onClick, ...rest }: { href: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const router = useRouter();
  return (
    <a
      {...rest}
      href={href}
      onClick={(e) => {
        onClick?.(e);
        const plain = e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;
        // Published guides are pages of the server, not of this application.
        if (e.defaultPrevented || !plain || !/^\/(?!\/|(guides|published|site)(\/|$)|api\/)/.test(href)) return;
        e.preventDefault();
        router.history.push(href);
      }}
    />
  );
}
