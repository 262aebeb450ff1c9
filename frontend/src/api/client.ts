/**
 * The one way to the hub's HTTP interface: same-origin JSON, an idempotency key on every mutation, and
 * problem details turned into ApiFault. Nothing else in the application calls fetch.
 */

/** What the hub (or the connection to it) refused, with enough to say so to a person. */
export class ApiFault extends Error {
  constructor(
    /** HTTP status; 0 when the hub was not reached. */
    readonly status: number,
    /** Stable code such as "ballot.closed"; "client.offline" when the hub was not reached. */
    readonly code: string,
    /** The hub's sentence in both languages; empty for faults raised here. */
    readonly title: { ar: string; en: string },
    /** Codes of the fields at fault, by field name. */
    readonly fields: Record<string, string> = {},
    /** What to quote to the secretariat. */
    readonly requestId = "",
    /** Further facts of the fault, such as "allowed". */
    readonly extra: Record<string, unknown> = {},
  ) {
    super(code);
    this.name = "ApiFault";
  }
  get offline(): boolean {
    return this.code === "client.offline";
  }
}

const base = "/api/v1";
let language = "ar";

/** Sets the language in which the hub words its answers. */
export function setApiLanguage(locale: string): void {
  language = locale;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language };
  if (method !== "GET") headers["Idempotency-Key"] = newKey();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let res: Response;
  try {
    res = await fetch(base + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFault(0, "client.offline", { ar: "", en: "" });
  }
  if (res.status === 204) return undefined as T;
  const text = await res.text();
  let data: unknown;
  try {
    data = text === "" ? undefined : JSON.parse(text);
  } catch {
    // A proxy's HTML page, most likely: nothing in it is ours to read.
    throw new ApiFault(res.status, "client.unreadable", { ar: "", en: "" }, {}, res.headers.get("X-Request-Id") ?? "");
  }
  if (!res.ok) throw toFault(res.status, data, res.headers.get("X-Request-Id") ?? "");
  return data as T;
}

/** Sends a file as it is; `progress` hears the part that has gone, 0 to 1. */
export function upload<T>(path: string, file: Blob, progress: (part: number) => void): Promise<T> {
  // fetch does not say how far an upload is.
  return new Promise((resolve, reject) => {
    const req = new XMLHttpRequest();
    req.open("POST", base + path);
    req.setRequestHeader("Accept", "application/json");
    req.setRequestHeader("Accept-Language", language);
    req.setRequestHeader("Content-Type", "application/octet-stream");
    req.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    req.onerror = () => reject(new ApiFault(0, "client.offline", { ar: "", en: "" }));
    req.onload = () => {
      const id = req.getResponseHeader("X-Request-Id") ?? "";
      let data: unknown;
      try {
        data = JSON.parse(req.responseText);
      } catch {
        return reject(new ApiFault(req.status, "client.unreadable", { ar: "", en: "" }, {}, id));
      }
      if (req.status >= 400) reject(toFault(req.status, data, id));
      else resolve(data as T);
    };
    req.send(file);
  });
}

function toFault(status: number, data: unknown, requestId: string): ApiFault {
  const p = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const { type: _t, title, title_ar, title_en, status: _s, code, fields, request_id, detail: _d, instance: _i, ...extra } = p;
  const word = typeof title === "string" ? title : "";
  return new ApiFault(
    status,
    typeof code === "string" ? code : `http.${status}`,
    { ar: typeof title_ar === "string" ? title_ar : word, en: typeof title_en === "string" ? title_en : word },
    fieldCodes(fields),
    typeof request_id === "string" ? request_id : requestId,
    extra,
  );
}

// Field errors come as an object {field: code} or as a list [{field, code}].
function fieldCodes(raw: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  if (Array.isArray(raw)) {
    for (const f of raw) {
      if (f && typeof f.field === "string") out[f.field] = String(f.code ?? "invalid");
    }
  } else if (raw && typeof raw === "object") {
    for (const [k, v] of Object.entries(raw)) out[k] = typeof v === "string" ? v : "invalid";
  }
  return out;
}

// randomUUID exists only in secure contexts; a hub on a plain-http host name still needs a key.
function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}

/** Builds "?a=1&b=2" from the values that are set. */
export function query(params: Record<string, string | number | boolean | undefined | null>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) {
    if (v !== undefined && v !== null && v !== "") q.set(k, String(v));
  }
  const s = q.toString();
  return s === "" ? "" : `?${s}`;
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal),
  post: <T>(path: string, body: unknown = {}) => call<T>("POST", path, body),
  put: <T>(path: string, body: unknown = {}) => call<T>("PUT", path, body),
  patch: <T>(path: string, body: unknown = {}) => call<T>("PATCH", path, body),
  del: <T>(path: string) => call<T>("DELETE", path),
};

/** What a query holds, unless the hub last answered that there is no such thing: what may be seen no more does not stay on the screen. */
export function seen<T>(query: { data: T | undefined; error: Error | null }): T | undefined {
  return query.error instanceof ApiFault && query.error.status === 404 ? undefined : query.data;
}
