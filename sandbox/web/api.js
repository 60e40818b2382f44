// The sandbox's JSON, as functions. Acts answer {ok, error, message}; reads throw on failure.

async function answer(response) {
  const body = await response.json().catch(() => ({ ok: false, message: `HTTP ${response.status}` }));
  return body;
}

export async function read(path, query) {
  const response = await fetch(`/ui/${path}?${new URLSearchParams(query)}`);
  const body = await answer(response);
  if (!response.ok) throw new Error(body.message ?? body.error);
  return body;
}

export async function act(name, body) {
  try {
    return await answer(await fetch(`/ui/acts/${name}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    }));
  } catch {
    return { ok: false, message: "The sandbox does not answer. Is it still running?" };
  }
}

const KINDS = ["message", "message_changed", "message_deleted", "ephemeral", "ephemeral_changed", "ephemeral_deleted",
  "views", "home", "channel", "notice", "app", "reload"];

export function follow(user, after, on) {
  const source = new EventSource(`/ui/events?${new URLSearchParams({ user, after })}`);
  for (const kind of KINDS) source.addEventListener(kind, (event) => on(kind, JSON.parse(event.data)));
  source.addEventListener("error", () => on("lost", {}));
  source.addEventListener("open", () => on("found", {}));
  return source;
}
