const left = document.getElementById("left");
const until = performance.now() + 1000 * Number(left.dataset.seconds);
const submit = document.getElementById("submit");
function tick() {
  const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const words = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  left.textContent = `This time is held for you for ${words}.`;
  if (seconds === 0) location.replace(location.pathname); else setTimeout(tick, 1000);
}
tick();
const field = (name) => document.getElementById(name);
const cards = document.getElementById("cards");
cards.hidden = false;
cards.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  field("card_number").value = button.dataset.card;
  field("expiry").value ||= "12/34";
  field("cvc").value ||= "123";
  submit.focus();
});
// A second press must not send a second payment; the server refuses it too.
field("pay").addEventListener("submit", () => { submit.disabled = true; });
addEventListener("pageshow", () => { submit.disabled = false; });
