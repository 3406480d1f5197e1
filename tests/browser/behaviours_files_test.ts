/**
 * Files that are taken in and given out, and what of them the engine then runs.
 */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { browserTest, stageOfFile, until } from "./_browser.ts";
import { BuilderPage, EMPTY } from "./_builder_page.ts";

/** Three modules, each of which needs the one before. */
const CHAIN = `modules:
  - name: web # it listens
    type: http.server
    config: { address: "127.0.0.1:0" }
  - name: router
    type: http.router
    dependsOn: [web]
  - name: counted
    type: metrics.collector
    dependsOn: [router]
`;

/** Files that are no documents, and what is said of each. */
const REFUSED = [
  ["broken.yaml", "modules: [", /Line 1: /],
  ["indented.yml", "modules:\n  - name: a\n   type: b\n", /Line 3: /],
  ["broken.json", '{"modules": [', /It is not JSON: /],
  ["list.json", "[]", /A document is a map, with modules in it/],
  ["words.yaml", "just a text", /A document is a map, with modules in it/],
  ["nothing.yaml", "", /A document is a map, with modules in it/],
] as const;

const stage = await stageOfFile(EMPTY, {
  "kept.yaml": CHAIN,
  "taken.yaml": EMPTY,
});

browserTest(
  "a file with modules that need each other is taken in with its ties, and says so",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "taken").open();
    await builder.take("chain.yaml", CHAIN);
    await builder.notice("chain.yaml is imported: 3 modules").waitFor();
    await builder.has(3);
    for (
      const ends of [
        /web.*router|router.*web/,
        /router.*counted|counted.*router/,
      ]
    ) {
      await page.locator(".react-flow__edges").getByLabel(ends).first()
        .waitFor({ state: "attached" });
    }
    assert.equal(await builder.text(), CHAIN);
    // One name is given once, whatever was taken in.
    await builder.add("http.router");
    await builder.card("router-2").waitFor();
    await builder.take("one.json", '{"modules":[{"name":"a","type":"x.y"}]}');
    await builder.notice("one.json is imported: 1 module").waitFor();
    await builder.choose("a");
    await builder.inspector.getByText("No type is called “x.y”").waitFor();
    await builder.take("none.yml", EMPTY);
    await builder.notice("none.yml is imported: 0 modules").waitFor();
    await builder.has(0);
    for (let step = 0; step < 2; step++) {
      await builder.button(/^Undo: Import/).click();
    }
    await builder.has(4);
  },
);

browserTest(
  "a file that is no document changes nothing, and says what is wrong with it",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "kept").open();
    await builder.has(3);
    for (const [name, content, words] of REFUSED) {
      await builder.take(name, content);
      const alert = page.getByRole("alert");
      await alert.getByText(`${name} is not imported`).waitFor();
      await alert.getByText(words).waitFor();
      await builder.button("Dismiss").click();
      await alert.waitFor({ state: "detached" });
      assert.equal(await builder.text(), CHAIN, name);
    }
    await builder.has(3);
    assert.equal(await builder.button(/^Undo/).isDisabled(), true);
  },
);

browserTest(
  "what is exported, cleared and imported again is the same text",
  stage,
  async ({ page }) => {
    const builder = await new BuilderPage(page, "kept").open();
    await builder.choose("web");
    await builder.field("Name").fill("front");
    await builder.field("Name").press("Enter");
    await builder.card("front").waitFor();
    const address = builder.field("Address");
    assert.equal(await address.inputValue(), "127.0.0.1:0");
    await address.fill("127.0.0.1:9090");
    await until(
      "it is written",
      async () => (await builder.text()).includes("127.0.0.1:9090"),
    );
    const written = await builder.text();
    assert.match(written, /- name: front # it listens\n/);
    assert.match(written, /dependsOn: \[ ?front ?\]/);
    const yaml = await builder.give("Export YAML");
    assert.deepEqual(yaml, { name: "kept.yaml", content: written });
    const json = await builder.give("Export JSON");
    assert.equal(json.name, "kept.json");
    assert.deepEqual(JSON.parse(json.content), parseYaml(written));
    await builder.menu("Clear");
    await builder.has(0);
    await builder.take(yaml.name, yaml.content);
    await builder.has(3);
    assert.equal(await builder.text(), written);
    await builder.menu("Clear");
    await builder.has(0);
    await builder.take(json.name, json.content);
    await builder.has(3);
    assert.deepEqual(parseYaml(await builder.text()), parseYaml(written));
    await builder.choose("front");
    assert.equal(await address.inputValue(), "127.0.0.1:9090");
  },
);

browserTest(
  "a notice goes by itself, and one of a failure stays",
  stage,
  async ({ page }) => {
    await page.clock.install();
    const builder = await new BuilderPage(page, "taken").open();
    await builder.take("chain.yaml", CHAIN);
    const notice = builder.notice(/is imported/);
    await notice.waitFor();
    await page.clock.fastForward(7_000);
    await notice.waitFor({ state: "detached" });
    await builder.take("broken.yaml", "modules: [");
    const fault = builder.notice(/is not imported/);
    await fault.waitFor();
    await page.clock.fastForward(60_000);
    await fault.waitFor();
  },
);

browserTest(
  "what is imported, saved and deployed is what the API says",
  stage,
  async ({ page, api }) => {
    const builder = await new BuilderPage(page, "shop").open();
    await builder.take("chain.yaml", CHAIN);
    await builder.has(3);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await builder.notice("Saved").waitFor();
    assert.equal((await api("/api/workflow/status")).moduleCount, 0);
    await builder.button("Deploy").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("web, router, counted").waitFor();
    await dialog.getByRole("button", { name: "Deploy" }).click();
    await builder.notice("shop runs as it is written").waitFor();
    const { status, moduleCount } = await api("/api/workflow/status");
    assert.deepEqual([status, moduleCount], ["running", 3]);
    const { modules } = await api("/api/workflow/config");
    assert.deepEqual(
      modules.map(({ name }: { name: string }) => name),
      ["web", "router", "counted"],
    );
    // What the API writes is read by the page, and runs after a reload.
    await api("/api/workflow/config", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ modules: modules.slice(0, 2) }),
    });
    await api("/api/workflow/reload", { method: "POST" });
    assert.equal((await api("/api/workflow/status")).moduleCount, 2);
    await builder.open();
    await builder.has(2);
    assert.match(await builder.text(), /- name: web # it listens\n/);
  },
);

browserTest(
  "the API judges a document as the builder does, and names every type",
  stage,
  async ({ api }) => {
    const judge = (body: string) =>
      api("/api/workflow/validate", { method: "POST", body });
    const good = await judge(CHAIN);
    assert.deepEqual([good.valid, good.errors], [true, []]);
    const bad = await judge(
      CHAIN.replace("name: counted", 'name: ""').replace("[web]", "[nobody]"),
    );
    assert.equal(bad.valid, false);
    assert.deepEqual(
      bad.errors.map(({ path }: { path: string }) => path),
      ["modules[1].dependsOn[0]", "modules[2].name"],
    );
    const types = (await api("/api/workflow/modules"))
      .map(({ type }: { type: string }) => type);
    for (
      const type of ["http.server", "messaging.broker", "statemachine.engine"]
    ) assert.ok(types.includes(type), type);
  },
  { isSignedIn: false },
);
