import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Edition } from "../../api/types";
import { editionKey, guidelinesKey } from "./api";

/** Begins a guideline and opens its first draft; what stands under `also` is asked for again, as the lists are. */
export function useBegin(begin: () => Promise<Edition>, also?: QueryKey) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: begin,
    onSuccess: (e) => {
      client.setQueryData(editionKey(e.id), e);
      if (also) client.invalidateQueries({ queryKey: also });
      client.invalidateQueries({ queryKey: guidelinesKey });
      navigate({ to: "/guidelines/$gid/editions/$eid", params: { gid: e.guideline.id, eid: e.id } });
    },
  });
}
