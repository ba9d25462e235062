// The folder above has the tools of all consumers; Next.js would guess another one, and say so.
const root = new URL("../..", import.meta.url).pathname;

export default {
  turbopack: { root },
  outputFileTracingRoot: root,
  async headers() {
    const policy = "script-src 'self' 'unsafe-inline'";
    return [{ source: "/refused", headers: [{ key: "content-security-policy", value: policy }] }];
  },
};
