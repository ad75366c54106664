// Compares a PDF with the digest on the page. The file never leaves the browser.
"use strict";
(() => {
  const drop = document.getElementById("drop");
  // Browsers offer digests only where nobody can listen: here, or over TLS.
  if (!drop || !window.crypto || !crypto.subtle) return;
  drop.hidden = false;
  const result = document.getElementById("pdf-result");
  document.getElementById("pdf").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const hex = Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
    const same = hex === document.getElementById("pdf-digest").textContent.trim();
    result.textContent = same ? result.dataset.same : result.dataset.other;
    result.className = same ? "verdict pass" : "verdict fail";
  });
})();
