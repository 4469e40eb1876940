// Menus: <details> opens and closes by itself; a click elsewhere and Esc close it too.

import { announce } from "./toasts.js"

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false
  }
  const opener = target.closest("[data-opens]")
  if (opener) document.getElementById(opener.dataset.opens).showModal()
  const closer = target.closest("[data-closes]")
  if (closer) closer.closest(closer.dataset.closes).remove()
  const copier = target.closest("[data-copies]")
  if (copier) copy(document.getElementById(copier.dataset.copies))
})

async function copy(input) {
  input.select()
  await navigator.clipboard?.writeText(input.value)
  announce("Copied")
}

export function closeOpen(target) {
  for (const menu of document.querySelectorAll("details.menu[open], details.verb[open]")) {
    menu.open = false
    if (menu.contains(target)) menu.querySelector("summary").focus()
  }
}
