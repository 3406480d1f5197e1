/**
 * The way into the interface, and out of it.
 */
import assert from "node:assert/strict";
import {
  browserTest,
  checkAccess,
  forget,
  screenshot,
  signIn,
  stageOfFile,
  THEMES,
  TOKEN,
  useTheme,
} from "./_browser.ts";
import { shopDocument } from "./_shop.ts";

const stage = await stageOfFile(shopDocument("http://127.0.0.1:9"));
const STRANGER = { isSignedIn: false };

browserTest("a link signs one browser in, once", stage, async (scene) => {
  const { page, link } = scene;
  await page.goto(link);
  await page.getByText("This link lets one browser in, once").waitFor();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  const alert = await page.getByRole("alert").textContent();
  assert.match(alert ?? "", /used already/);
  forget(scene, 401);
  // Instead of the link, the token.
  await page.getByLabel("Management token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
}, STRANGER);

browserTest(
  "a page leads to the sign-in and back to itself",
  stage,
  async ({ page }) => {
    const wanted = "/runs?status=failed&q=ord-1";
    await signIn(page, wanted);
    const { pathname, search } = new URL(page.url());
    assert.equal(pathname + search, wanted);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
  },
  STRANGER,
);

browserTest(
  "a token that is wrong is refused in words",
  stage,
  async (scene) => {
    const { page } = scene;
    await page.goto("/sign-in?to=/runs");
    await page.getByLabel("Management token").fill("guess");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    const alert = await page.getByRole("alert").textContent();
    assert.match(alert ?? "", /This is not the token/);
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    forget(scene, 401);
    await page.goto("/runs");
    assert.equal(new URL(page.url()).pathname, "/sign-in");
  },
  STRANGER,
);

browserTest("who signs out is out", stage, async ({ page, context }) => {
  await page.goto("/runs");
  const [before] = await context.cookies();
  assert.ok(before?.httpOnly);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.pathname === "/sign-in");
  await page.goto("/runs");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  // Its cookie is worth nothing any more, also for who has kept it.
  await context.addCookies([before]);
  await page.goto("/runs");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});

browserTest(
  "a page that was signed out of asks nothing more",
  stage,
  async ({ page }) => {
    await page.clock.install();
    await page.goto("/runs");
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    await page.route("**/sign-out", async (route) => {
      const response = await route.fetch();
      // What would be asked in a minute would be refused, and fail the test.
      await page.clock.runFor(60_000);
      await route.fulfill({ response });
    });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname === "/sign-in");
  },
);

browserTest(
  "what comes late on a page that was signed out of asks nothing, either",
  stage,
  async ({ page }) => {
    const isOut = Promise.withResolvers<void>();
    const script = /\/runs-\w+\.js$/;
    await page.route(script, async (route) => {
      await isOut.promise;
      await route.continue();
    });
    await page.route("**/sign-out", async (route) => {
      const response = await route.fetch();
      const comes = page.waitForResponse(script);
      isOut.resolve();
      await (await comes).finished();
      await page.locator(".island-runs > *").first().waitFor();
      await route.fulfill({ response });
    });
    await page.goto("/runs", { waitUntil: "commit" });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname === "/sign-in");
  },
);

browserTest("the theme that was chosen stays", stage, async ({ page }) => {
  await page.goto("/runs");
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.reload();
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
});

browserTest(
  "the sign-in page can be used by everybody",
  stage,
  async ({ page }) => {
    for (const path of ["/sign-in", "/sign-in?code=abc"]) {
      await page.goto(path);
      for (const theme of THEMES) {
        await useTheme(page, theme);
        await checkAccess(page, `${path}, ${theme}`);
        await screenshot(page, `sign-in-${theme}`);
      }
    }
  },
  STRANGER,
);
