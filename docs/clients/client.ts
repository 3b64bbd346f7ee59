// Log in, keep the cookie, call, log out. Needs fetch alone: browsers, Node 18 and later, React Native, Deno, Bun.

export interface User {
  id: number;
  username: string;
  email: string;
  displayname: string;
  avatar: string | null;
}

/** What the service says when it refuses; `retryAfter` are seconds. */
export class ApiError extends Error {
  readonly status: number;
  readonly retryAfter?: number;

  constructor(message: string, status: number, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Client {
  private readonly site: string;
  cookie: string;

  /** `site` is the address of the WordPress site; `cookie` is what an earlier login left in the app's safe store. */
  constructor(site: string, cookie = "") {
    this.site = site.replace(/\/+$/, "");
    this.cookie = cookie;
  }

  async call<T>(method: string, parameters: Record<string, string> = {}): Promise<T> {
    const form = new URLSearchParams(parameters);
    // Without TLS the methods of user and auth want to be told that this is meant.
    if (this.site.startsWith("http:")) form.set("insecure", "cool");
    // A form goes without a preflight; the browser's own cookies stay at home.
    const answer = await fetch(`${this.site}/api/${method}/`, { method: "POST", body: form, credentials: "omit" });
    const json = await answer.json();
    if (json.status !== "ok") {
      const wait = answer.headers.get("Retry-After");
      throw new ApiError(json.error, answer.status, wait === null ? undefined : Number(wait));
    }
    return json as T;
  }

  async logIn(username: string, password: string): Promise<User> {
    const answer = await this.call<{ cookie: string; user: User }>("user/generate_auth_cookie", { username, password });
    this.cookie = answer.cookie;
    return answer.user;
  }

  async currentUser(): Promise<User> {
    return (await this.call<{ user: User }>("user/get_currentuserinfo", { cookie: this.cookie })).user;
  }

  async isLoggedIn(): Promise<boolean> {
    if (this.cookie === "") return false;
    return (await this.call<{ valid: boolean }>("user/validate_auth_cookie", { cookie: this.cookie })).valid;
  }

  async logOut(): Promise<void> {
    const cookie = this.cookie;
    // Forgotten whatever the service says: the session may have ended already.
    this.cookie = "";
    await this.call("auth/clear_auth_cookie", { cookie });
  }
}

/** What an app does with it. */
export async function example(site: string, username: string, password: string): Promise<string[]> {
  const client = new Client(site);
  await client.logIn(username, password);
  const lines = [`Hello, ${(await client.currentUser()).displayname}`];
  await client.call("user/update_user_meta", { cookie: client.cookie, meta_key: "color", meta_value: "green" });
  const meta = await client.call<{ color: string[] }>("user/get_user_meta", { cookie: client.cookie, meta_key: "color" });
  lines.push(`Your color is ${meta.color[0]}`);
  const kept = client.cookie;
  await client.logOut();
  lines.push((await new Client(site, kept).isLoggedIn()) ? "Still logged in" : "Logged out");
  return lines;
}
