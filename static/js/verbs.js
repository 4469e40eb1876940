// The verbs of an item's card. Their forms are on the page once (items/_verb_forms.html) and come to a card when
// they are opened there: in each card they were most of the page.

const FORMS = "verb-forms"
const VERB = ".item details.verb"
// Of a field's id what is the id of its verb: "decide-<id of the item>".
const OF_VERB = /^[a-z]+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

// Before the verb opens, so that its first field can have the focus at once.
document.addEventListener("click", ({ target }) => {
  const verb = target.closest(`${VERB} > summary`)?.parentElement
  const keep = target.closest(".item [data-keep]")
  if (verb) fill(verb)
  else if (keep && !keep.form) makeForm(keep)
}, { capture: true })

// One at a time, as others are by their names.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches(`${VERB}[open]`)) return
  for (const other of target.parentElement.children) if (other !== target) other.open = false
}, { capture: true })

// Before a swap: a card that comes has the forms that it has here, with what is typed in them.
export function fillAsHere(fragment) {
  for (const form of document.querySelectorAll(`${VERB} > [data-verb]`)) {
    const verb = fragment.getElementById(form.parentElement.id)
    if (verb) fill(verb, fragment)
  }
}

// The field of this id, also when the verb it belongs to was not opened yet.
export function fieldOf(id) {
  const verb = document.getElementById(id) ? null : document.getElementById(OF_VERB.exec(id)?.[0] ?? "")
  if (verb?.matches(VERB)) fill(verb)
  return document.getElementById(id)
}

function fill(verb, root = document) {
  if (verb.querySelector(":scope > [data-verb]")) return
  const name = verb.id.split("-", 1)[0]
  const form = formFor(name, verb.id.slice(name.length + 1), root)
  if (!form) return
  verb.querySelector(":scope > a")?.remove()
  verb.append(form)
  htmx.process(form)
}

function makeForm(keep) {
  const form = formFor("keep", keep.closest(".item").id.replace("item-", ""), document)
  if (!form) return
  keep.replaceWith(form)
  form.append(keep)
  htmx.process(form)
  keep.focus()
}

// A verb's form for the item of this id; nothing where the page has none, for a viewer.
function formFor(name, id, root) {
  const forms = root.getElementById(FORMS) ?? document.getElementById(FORMS)
  const form = forms?.content.querySelector(`[data-verb="${name}"]`)?.cloneNode(true)
  for (const element of form ? [form, ...form.querySelectorAll("*")] : []) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replaceAll(forms.dataset.standIn, id)
    }
  }
  return form
}
