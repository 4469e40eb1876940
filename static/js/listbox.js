// A list of options that is worked from a field, which keeps the focus: it is told of by aria-activedescendant.

export function offered(list) {
  return [...list.children].filter((option) => !option.hidden)
}

export function choose(field, list, option) {
  for (const each of list.children) each.setAttribute("aria-selected", each === option)
  if (option) field.setAttribute("aria-activedescendant", option.id)
  else field.removeAttribute("aria-activedescendant")
}

// The option so many further on, round and round.
export function beside(list, active, step) {
  const options = offered(list)
  return options.at((options.indexOf(active) + step) % options.length)
}
