const left = document.getElementById("left");
const until = performance.now() + 1000 * Number(left.dataset.seconds);
const submit = document.getElementById("submit");
function tick() {
  const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const words = seconds < 60 ? `${seconds}\u00a0s` : `${Math.floor(seconds / 60)}\u00a0min\u00a0${String(seconds % 60).padStart(2, "0")}\u00a0s`;
  left.textContent = `This time is held for you for ${words}.`;
  if (seconds === 0) location.replace(left.dataset.page); else setTimeout(tick, 1000);
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
