// Everything works without this script; it only makes a few things quicker.
(function () {
  "use strict";

  // After a refused form, go to what is wrong.
  var problems = document.querySelector("[data-focus]");
  if (problems) problems.focus();

  // On a phone the navigation is one row: bring the present page into it.
  var here = document.querySelector("nav.main [aria-current]");
  if (here) here.parentElement.parentElement.scrollLeft = here.offsetLeft - here.parentElement.parentElement.offsetLeft - 40;

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) event.preventDefault();
    if (form.method === "post") form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // <button type="button" data-copy="#id" data-copied="Copied" hidden> copies the text or value of the element.
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    var source = document.querySelector(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(source.value || source.textContent.trim()).then(function () {
        button.textContent = button.dataset.copied;
      });
    });
  });

  // <button type="button" data-print hidden> prints.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // A <select data-submit> sends its form when something is chosen with the pointer or Enter.
  document.querySelectorAll("select[data-submit]").forEach(function (select) {
    select.addEventListener("change", function () { select.form.requestSubmit(); });
  });

  // A <form data-autosave="Saved"> saves itself while somebody types, and says so in its [data-saved].
  document.querySelectorAll("form[data-autosave]").forEach(function (form) {
    var said = form.querySelector("[data-saved]"), timer;
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(function () {
        if (form.dataset.sent) return;
        fetch(form.action, {
          method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { "X-Autosave": "1" }
        }).then(function (answer) {
          said.textContent = answer.status === 204 ? form.dataset.autosave : "";
        }, function () { said.textContent = ""; });
      }, 2000);
    });
  });

  // Words that are selected in a passage go with its link into the comment, or into the field for them.
  var links = document.querySelectorAll("[data-remark]"), quote = document.querySelector("[name=quote]");
  if (links.length || quote) document.addEventListener("selectionchange", function () {
    var chosen = document.getSelection(), at = chosen.anchorNode && chosen.anchorNode.parentElement;
    var passage = at && at.closest("[data-passage],[data-quotable]"), text = chosen.toString().trim();
    if (!passage || !passage.contains(chosen.focusNode) || !text || text.length > 500) return;
    if (quote && passage.hasAttribute("data-quotable")) { quote.value = text; return; }
    var link = passage.closest(".beside").querySelector("[data-remark]");
    if (!link) return;
    var target = new URL(link.href);
    target.searchParams.set("quote", text);
    link.href = target.href;
  });

  // Menus close with Escape and when something else is pressed.
  var menus = document.querySelectorAll("details.menu");
  function close(except) {
    menus.forEach(function (menu) { if (menu !== except) menu.open = false; });
  }
  document.addEventListener("click", function (event) { close(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    menus.forEach(function (menu) {
      if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  });
})();
