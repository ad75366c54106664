// Puts each view the server sends onto the page. Numbers come as text, already rounded.
"use strict";
(() => {
  const live = document.getElementById("live");
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const say = (zh, en) => (lang === "zh" ? zh : en);
  const $ = (id) => document.getElementById(id);
  const quality = {
    good: say("正常", "good"),
    bad: say("无效", "bad"),
    silent: say("无应答", "silent"),
    never: say("尚无数据", "no data yet"),
  };
  // Views come at least every second; without one for so long the connection is lost, s.
  const LOST = 3;
  // A recorder writes several times a second; a journal that is quiet for so long says so, s.
  const QUIET = 3;

  // Ages count on between views.
  let received = performance.now();
  let ended = Boolean($("ended") && !$("ended").hidden);
  let held = $("banner") && !$("banner").hidden ? $("banner").textContent : null;
  let quiet = 0;

  const text = (element, value) => {
    if (element && element.textContent !== value) element.textContent = value;
  };
  const since = () => (performance.now() - received) / 1000;
  const number = (element, entry) => {
    text(element.querySelector(".value"), entry.value ?? "—");
    element.dataset.quality = entry.quality;
    if (entry.age_s === null) delete element.dataset.age;
    else element.dataset.age = entry.age_s;
    if (entry.at_ms !== null) element.dataset.at = entry.at_ms;
  };

  const show = (view) => {
    if (view.run !== live.dataset.run) {
      location.reload();
      return;
    }
    received = performance.now();
    quiet = view.quiet_s;
    ended = view.ended !== null;
    held = view.held ? view.held[lang] : null;
    for (const entry of view.big) number($("big-" + entry.key), entry);
    for (const entry of view.channels) {
      const row = $("ch-" + entry.key);
      if (!row) continue;
      number(row, entry);
      text(row.querySelector(".quality"), quality[entry.quality] + (entry.why ? ": " + entry.why[lang] : ""));
      const meter = row.querySelector("meter");
      meter.hidden = entry.used_pct === null;
      meter.value = entry.used_pct ?? 0;
      text(row.querySelector(".used-text"), entry.used_text ?? "");
      if (entry.steady === null) delete row.dataset.steady;
      else row.dataset.steady = entry.steady ? "yes" : "no";
      text(row.querySelector(".steady"), entry.steady === null ? "" : entry.steady ? say("● 稳定", "● steady") : say("▲ 不稳定", "▲ not steady"));
    }
    $("state").dataset.phase = view.phase;
    text($("phase"), view.phase_text[lang]);
    text($("point"), String(view.point));
    text($("points"), String(view.points));
    text($("accepted"), String(view.accepted));
    text($("target"), view.target);
    text($("waiting"), view.waiting ? view.waiting[lang] : "");
    text($("blocking"), view.blocking ? view.blocking[lang] : "");
    text($("alarms"), view.alarms.map((alarm) => alarm[lang]).join(" · "));
    live.classList.toggle("over", view.ended !== null);
    if (view.ended) {
      $("ended").hidden = false;
      $("ended").className = "ended " + view.ended.verdict;
      text($("ended-verdict"), view.ended.verdict_text[lang]);
      text($("ended-outcome"), view.ended.outcome[lang]);
      text($("ended-reason"), view.ended.reason ? view.ended.reason[lang] : "");
    }
    chart(view);
    tick();
  };

  let fetching = false;
  const chart = (view) => {
    if (String(view.chart) !== live.dataset.chart && !fetching) {
      fetching = true;
      fetch("/live/chart.svg?lang=" + lang)
        .then((answer) => (answer.ok ? answer.text() : null))
        .then((svg) => {
          if (svg !== null) {
            $("chart").innerHTML = svg;
            live.dataset.chart = String(view.chart);
          }
        })
        .catch(() => {})
        .finally(() => { fetching = false; });
    }
    const dot = $("dot");
    if (!dot) return;
    if (!view.dot) {
      dot.setAttribute("class", "unknown");
      return;
    }
    dot.setAttribute("class", view.dot.steady ? "solid" : "hollow");
    dot.setAttribute("transform", `translate(${view.dot.x} ${view.dot.y})`);
  };

  const tick = () => {
    const lost = !ended && since() > LOST;
    for (const element of document.querySelectorAll("[data-age]")) {
      text(element.querySelector(".age"), ended ? "" : (Number(element.dataset.age) + since()).toFixed(1) + " s");
    }
    // What nobody vouches for any more is shown as nobody's.
    live.classList.toggle("stale", lost);
    const banner = $("banner");
    if (!banner) return;
    const silence = quiet + since();
    const words = lost
      ? say("与控制台的连接中断，正在重连；显示的是最后的数值。", "The connection to the console is lost, trying again; these are the last numbers.")
      : held
        ? held
        : !ended && silence > QUIET
          ? say(`已有 ${silence.toFixed(0)} s 没有新记录：记录程序可能已停止。`, `Nothing was recorded for ${silence.toFixed(0)} s: the recorder may have stopped.`)
          : "";
    banner.hidden = words === "";
    text(banner, words);
  };

  const source = new EventSource("/live/events");
  // A console that follows nothing: what stands here belongs to an earlier one.
  source.addEventListener("idle", () => { if (live.dataset.run) location.reload(); });
  source.onmessage = (event) => show(JSON.parse(event.data));
  setInterval(tick, 250);
})();
