// While one types, the address follows what is found: a reload or a link to it finds the same.

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const form = ctx.request?.form
  if (form?.id !== "search-form") return
  const query = new URLSearchParams(new FormData(form))
  history.replaceState(history.state, "", `${form.action}?${query}`)
})
