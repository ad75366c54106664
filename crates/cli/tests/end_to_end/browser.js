// What a person sees in a real browser, as one JSON object on standard output.
// Arguments: folder of playwright-core, browser, address of the console.
"use strict";
const [modules, browser, address] = process.argv.slice(2);
const { chromium } = require(modules + "/playwright-core");
const { createHash } = require("crypto");
const { readFileSync } = require("fs");

// As long as a busy machine may take for anything, ms.
const LONG = 180000;

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

(async () => {
  const seen = { errors: [], foreign: [] };
  const engine = await chromium.launch({ executablePath: browser, args: QUIET, timeout: LONG });
  const context = await engine.newContext({ acceptDownloads: true, locale: "zh-CN" });
  const page = await context.newPage();
  page.setDefaultTimeout(LONG);
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (line) => { if (line.type() === "error") seen.errors.push(line.text()); });
  page.on("request", (request) => { if (!request.url().startsWith(address)) seen.foreign.push(request.url()); });

  await page.goto(address);
  await page.waitForSelector("#big-flow", { timeout: LONG });
  seen.language = await page.getAttribute("html", "lang");
  seen.nameOfFlow = await page.textContent("#big-flow .name");
  seen.simulated = await page.textContent(".tag.simulated");
  seen.guarantee = await page.locator("#chart svg").count();

  // Numbers move.
  await page.waitForFunction(() => Number(document.querySelector("#accepted").textContent) >= 2, null, { timeout: LONG });
  seen.flows = await page.evaluate(async () => {
    const flows = new Set();
    const value = document.querySelector("#big-flow .value");
    for (let n = 0; n < 400 && flows.size < 5; n += 1) {
      flows.add(value.textContent);
      await new Promise((next) => setTimeout(next, 25));
    }
    return [...flows];
  });
  seen.age = await page.textContent("#big-flow .age");
  seen.dot = await page.getAttribute("#dot", "class");

  // A point appears in the chart.
  const marks = () => page.locator("#chart svg circle:not(#dot circle)").count();
  const before = await page.evaluate(() => Number(document.querySelector("#live").dataset.chart));
  seen.marksBefore = await marks();
  await page.waitForFunction((b) => Number(document.querySelector("#live").dataset.chart) >= b + 4, before, { timeout: LONG });
  seen.marksAfter = await marks();

  // The verdict stands when the run has ended; its page has the report.
  await page.waitForSelector("#ended:not([hidden])", { timeout: LONG });
  await page.waitForFunction(() => document.querySelector("#ended-verdict").textContent !== "", null, { timeout: LONG });
  seen.verdict = await page.textContent("#ended-verdict");
  const run = await page.getAttribute("#live", "data-run");
  // Issuing takes a moment after the end.
  for (let n = 0; n < 120; n += 1) {
    await page.goto(address + "runs/" + run);
    if (await page.locator("#certificate").count()) break;
    await page.waitForTimeout(500);
  }
  seen.title = await page.textContent("h1");
  seen.curves = await page.locator(".curves svg").count();
  seen.findings = await page.locator(".findings tbody tr:not(.more)").count();
  const facts = await page.locator(".facts").innerText();
  seen.replayed = facts.includes("一致");
  const codes = await page.locator(".facts code").allTextContents();
  const download = page.waitForEvent("download");
  await page.click("#certificate");
  const file = await download;
  const path = await file.path();
  const bytes = readFileSync(path);
  seen.download = {
    name: file.suggestedFilename(),
    head: bytes.subarray(0, 5).toString("latin1"),
    digestIsOnThePage: codes.includes(createHash("sha256").update(bytes).digest("hex")),
  };

  // The language changes in place and is remembered.
  await page.click(".switch");
  seen.english = await page.textContent("h2");
  await page.goto(address + "runs");
  seen.remembered = await page.getAttribute("html", "lang");

  // Whoever holds the report can check it.
  const number = file.suggestedFilename().replace(/\.pdf$/, "");
  const data = codes[2];
  const check = async (token) => {
    await page.goto(address + "check");
    await page.fill("[name=number]", number);
    await page.fill("[name=token]", token);
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("button")]);
    return { status: answer.status(), word: await page.textContent(".ended .word") };
  };
  seen.wrongCode = await check((data[0] === "0" ? "1" : "0") + data.slice(1, 16));
  seen.rightCode = await check(data.slice(0, 16));
  await page.setInputFiles("#pdf", { name: "held.pdf", mimeType: "application/pdf", buffer: bytes });
  await page.waitForFunction(() => document.querySelector("#pdf-result").textContent !== "");
  seen.samePdf = await page.textContent("#pdf-result");
  const changed = Buffer.from(bytes);
  changed[changed.length - 20] ^= 1;
  await page.setInputFiles("#pdf", { name: "changed.pdf", mimeType: "application/pdf", buffer: changed });
  await page.waitForFunction((same) => document.querySelector("#pdf-result").textContent !== same, seen.samePdf);
  seen.changedPdf = await page.textContent("#pdf-result");

  await engine.close();
  console.log(JSON.stringify(seen));
})().catch((error) => { console.error(error); process.exit(1); });
