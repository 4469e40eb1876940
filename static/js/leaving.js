// A question, a step or a blocker that one deals with: its row goes at once.

import { count, focusInstead, refill } from "./putting-back.js"

export class Leaving {
  constructor(form, body) {
    this.form = form
    this.body = body
    this.subject = form.dataset.subject
    this.home = document.getElementById(this.subject)?.closest(".panel").id
  }

  begin() {
    const row = document.getElementById(this.subject)
    const rows = [...(row?.parentElement.children ?? [])].filter((each) => !each.hidden && each !== row)
    const next = rows.find((each) => row.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) ?? rows.at(-1)
    this.focused = focusInstead(row, next?.querySelector("textarea, a[href], button") ?? document.getElementById(`${this.home}-title`))
    this.show(document)
  }

  isShownIn(root) {
    return !root.getElementById(this.subject)
  }

  show(root) {
    this.toggle(root, true)
  }

  takeBack() {
    if (!this.hasCome) this.toggle(document, false)
    refill(this)
  }

  end() {}

  toggle(root, isGone) {
    const row = root.getElementById(this.subject)
    if (row) row.hidden = isGone
    count(root, `#${this.home}-title .count`, isGone ? -1 : 1)
    if (this.subject.startsWith("question-")) count(root, '.door[data-tone="question"] .door-number', isGone ? -1 : 1)
  }
}
