import assert from "node:assert/strict";
import { post, type RunSurface, runSurface } from "./_run_fixture_test.ts";

const LOOP = `pipelines:
  each:
    steps:
      - id: items
        forEach: [1, 2]
        concurrency: 2
        steps:
          - { id: approve, wait: { approval: { title: "Item \${{ item }}?" } } }
`;

async function linkOf(it: RunSurface, run: string): Promise<string> {
  const { reasons } = await it.json(`/api/runs/${run}/explain`);
  return reasons[0].link;
}

/** As a browser of somebody who has nothing but the link. */
const browse = (it: RunSurface, path: string, form?: Record<string, string>) =>
  it.ask(path, {
    headers: { authorization: "none", accept: "text/html,*/*;q=0.8" },
    ...form === undefined
      ? {}
      : { method: "POST", body: new URLSearchParams(form) },
  });

Deno.test("an approval page asks what the run asks, and runs no script", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: "<b>5</b>" });
  const response = await browse(it, await linkOf(it, run));
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.match(text, /<h1>Refund &lt;b&gt;5&lt;\/b&gt;\?<\/h1>/);
  assert.doesNotMatch(text, /<script|<b>5|onclick|style="/);
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; style-src 'sha256-/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(response.headers.get("referrer-policy"), "no-referrer");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "";
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(style),
  );
  assert.ok(policy.includes(new Uint8Array(hash).toBase64()));
});

Deno.test("an approval is decided by its form, once", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: 5 });
  const link = await linkOf(it, run);
  // Looking decides nothing, however often.
  for (let n = 0; n < 3; n++) await browse(it, link);
  const form = { decision: "approve", comment: "Fine\r\nby me", by: "Ada" };
  const done = await browse(it, link, form);
  assert.equal(done.status, 200);
  assert.match(await done.text(), /Your decision is written down/);
  await it.effects.advance(0);
  const { status, output, steps } = await it.json(`/api/runs/${run}`);
  assert.equal(status, "completed");
  assert.deepEqual(output, { link, ok: true });
  assert.deepEqual(steps[0].output, {
    approved: true,
    comment: "Fine\nby me",
    by: "Ada",
  });
  for (const again of [undefined, { decision: "reject" }]) {
    const used = await browse(it, link, again);
    assert.equal(used.status, 409);
    assert.match(await used.text(), /Approved[\s\S]*decided already/);
  }
});

Deno.test("of two who decide at once, one is told that he comes too late", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: 5 });
  const link = await linkOf(it, run);
  const answers = await Promise.all(
    ["approve", "reject"].map((decision) => browse(it, link, { decision })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 409]);
  const { entries } = await it.json(`/api/runs/${run}/journal`);
  const signals = entries.filter(({ kind }: { kind: string }) =>
    kind === "signal"
  );
  assert.equal(signals.length, 1);
});

Deno.test("an approval link that is wrong tells nothing", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: 5 });
  const link = await linkOf(it, run);
  const [, , id, step, token] = link.split("/");
  const none = await it.start("sleepy");
  for (
    const path of [
      `/approvals/${id}/${step}/${token?.replace(/^./, "x")}`,
      `/approvals/${id}/${step}/%20`,
      `/approvals/${id}/other/${token}`,
      `/approvals/${none}/pause/${token}`,
      `/approvals/nobody/${step}/${token}`,
    ]
  ) {
    for (const form of [undefined, { decision: "approve" }]) {
      const response = await browse(it, path, form);
      assert.equal(response.status, 404, path);
      assert.doesNotMatch(await response.text(), /Refund/);
    }
  }
  assert.equal((await browse(it, link, {})).status, 400);
  const long = { decision: "approve", comment: "x".repeat(4_001) };
  assert.equal((await browse(it, link, long)).status, 400);
  assert.equal((await it.json(`/api/runs/${run}`)).status, "waiting");
});

Deno.test("an approval that nobody decides in time is over", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: 5 });
  const link = await linkOf(it, run);
  await it.effects.advance(61_000);
  assert.equal((await it.json(`/api/runs/${run}`)).status, "failed");
  const late = await browse(it, link, { decision: "approve" });
  assert.equal(late.status, 409);
  assert.match(await late.text(), /does not wait for this decision any more/);
});

Deno.test("an approval whose link is given out early is asked later", async () => {
  const text = `pipelines:
  p:
    steps:
      - { id: mail, use: set, with: { values: { link: "\${{ run.links.approve }}" } } }
      - { id: hold, wait: { signal: go } }
      - { id: approve, wait: { approval: {} } }
`;
  await using it = await runSurface({ documents: { test: text } });
  const run = await it.start("p");
  const { steps } = await it.json(`/api/runs/${run}`);
  const { link } = steps[0].output;
  const early = await browse(it, link, { decision: "approve" });
  assert.equal(early.status, 409);
  assert.match(await early.text(), /has not come to this decision/);
  await it.json(`/api/runs/${run}/signals/go`, post(), 202);
  await it.effects.advance(0);
  const page = await (await browse(it, link)).text();
  assert.match(page, /<h1>Decide about &quot;approve&quot;<\/h1>/);
  assert.equal((await browse(it, link, { decision: "approve" })).status, 200);
});

Deno.test("an approval in a loop has a link for each item", async () => {
  await using it = await runSurface({ documents: { test: LOOP } });
  const run = await it.start("each");
  const { reasons } = await it.json(`/api/runs/${run}/explain`);
  const links: string[] = reasons.map(({ link }: { link: string }) => link);
  assert.match(links[1] ?? "", /\/items%5B1%5D%2Fapprove\//);
  const page = await browse(it, links[1] ?? "");
  assert.match(await page.text(), /Item 2\?/);
  const reject = await browse(it, links[1] ?? "", { decision: "reject" });
  assert.equal(reject.status, 200);
  await it.effects.advance(0);
  const { steps } = await it.json(`/api/runs/${run}`);
  assert.deepEqual(
    steps.map(({ path, status }: { path: string; status: string }) => [
      path,
      status,
    ]),
    [
      ["items", "running"],
      ["items[0]/approve", "waiting"],
      ["items[1]/approve", "completed"],
    ],
  );
});

Deno.test("an approval speaks JSON to whoever asks for it", async () => {
  await using it = await runSurface();
  const run = await it.start("asked", { amount: 5 });
  const link = await linkOf(it, run);
  const headers = { accept: "application/json", authorization: "none" };
  const open = await it.json(link, { headers });
  assert.equal(open.state, "open");
  assert.equal(open.title, "Refund 5?");
  const json = { ...headers, "content-type": "application/json" };
  const bad = { ...post({ approved: "yes" }), headers: json };
  assert.match((await it.json(link, bad, 400)).detail, /"approved"/);
  const no = { ...post({ approved: false, comment: "No" }), headers: json };
  assert.equal((await it.json(link, no)).state, "decided");
  const used = await it.json(link, { headers }, 409);
  assert.deepEqual([used.code, used.approved, used.comment], [
    "wrong-state",
    false,
    "No",
  ]);
});

Deno.test("approval links begin with the public address, also after it has changed", async () => {
  const { effects, store, run, link } = await (async () => {
    await using it = await runSurface({ publicUrl: "https://one.example/w/" });
    const run = await it.start("asked", { amount: 5 });
    const link = await linkOf(it, run);
    return { effects: it.effects, store: it.store, run, link };
  })();
  assert.match(link, /^https:\/\/one\.example\/w\/approvals\//);
  await using it = await runSurface({
    ...{ effects, store, publicUrl: "https://two.example" },
  });
  assert.equal(await linkOf(it, run), link);
  const path = new URL(link).pathname.replace("/w/", "/");
  assert.equal(
    (await browse(it, path, { decision: "approve" })).status,
    200,
  );
  await it.effects.advance(0);
  assert.equal((await it.json(`/api/runs/${run}`)).output.link, link);
});
