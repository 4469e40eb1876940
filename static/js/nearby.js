// A link to a question, a blocker or a message leads to the page of its list that has it. Where it is on this page
// already, it goes to it here.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='?at=']")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  if (!document.getElementById(link.hash.slice(1))?.checkVisibility()) return
  event.preventDefault()
  location.assign(link.hash)
})
