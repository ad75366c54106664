// Time from an instrument's answer to the painted number, for several viewers at once.
// Arguments: folder of playwright-core, browser, address, viewers, seconds.
// Prints one JSON object. Browser and bench share one clock: they run on one machine.
"use strict";
const [modules, browser, address, viewers, seconds] = process.argv.slice(2);
const { chromium } = require(modules + "/playwright-core");

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

(async () => {
  const engine = await chromium.launch({ executablePath: browser, args: QUIET });
  const pages = await Promise.all(Array.from({ length: Number(viewers) }, async () => {
    const page = await (await engine.newContext()).newPage();
    await page.goto(address);
    await page.waitForSelector("#big-flow", { timeout: 60000 });
    return page;
  }));
  const samples = await Promise.all(pages.map((page) => page.evaluate((wait) => new Promise((done) => {
    const big = document.querySelector("#big-flow");
    const taken = [];
    new MutationObserver(() => {
      const at = Number(big.dataset.at);
      // The second frame after the change begins once the first was painted.
      requestAnimationFrame(() => requestAnimationFrame(() => taken.push(Date.now() - at)));
    }).observe(big, { attributes: true, attributeFilter: ["data-at"] });
    setTimeout(() => done(taken), wait * 1000);
  }), Number(seconds))));
  await engine.close();
  const all = samples.flat().sort((a, b) => a - b);
  const at = (share) => all[Math.min(all.length - 1, Math.floor(share * all.length))];
  console.log(JSON.stringify({ viewers: pages.length, samples: all.length, fewest: Math.min(...samples.map((s) => s.length)), p50_ms: at(0.5), p95_ms: at(0.95), max_ms: all[all.length - 1] }));
})().catch((error) => { console.error(error); process.exit(1); });
