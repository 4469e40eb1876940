// A message of one's own, in the chat while it is being sent.

import { showNewest } from "./chat.js"

let count = 0
// What came back into the field from messages that were not sent, in their order.
let returned = ""

export class Saying {
  home = "chat"
  // A push that shows this text as mine shows this very message.
  isOwn = true

  constructor(form, body) {
    this.form = form
    this.text = body.get("text")
    this.id = `sending-${++count}`
  }

  begin() {
    const line = document.getElementById("message-sending").content.cloneNode(true).querySelector("li")
    line.id = this.id
    line.querySelector(".message-text").append(...paragraphs(this.text))
    document.getElementById("messages").append(line)
    this.form.reset()
    returned = ""
    showNewest()
  }

  // The server's line takes this one's place: by its id the two are one for the swap.
  isShownIn(root) {
    const line = document.getElementById(this.id)
    const mine = [...root.querySelectorAll("#messages > .message-own[id^=message-]")]
    const found = mine.find((each) => !document.getElementById(each.id) && saysTheSame(each, line))
    if (found) line.id = found.id
    return Boolean(found)
  }

  show(root) {
    const line = document.getElementById(this.id)
    if (line) root.querySelector("#messages")?.append(line.cloneNode(true))
  }

  // It was said, but what shows it now shows it by another line.
  end() {
    document.getElementById(this.id)?.remove()
  }

  takeBack() {
    this.end()
    const field = document.getElementById("composer-text")
    const before = field.value.startsWith(returned) ? returned : ""
    const after = field.value.slice(before.length).trimStart()
    returned = [before, this.text].filter(Boolean).join("\n")
    field.value = [returned, after].filter(Boolean).join("\n")
    if (document.activeElement === document.body) field.focus()
  }
}

function saysTheSame(one, other) {
  const [words, otherWords] = [one, other].map((line) => line.querySelector(".message-text")?.textContent.replace(/\s+/g, ""))
  return words === otherWords
}

// As the server draws them: blank lines part paragraphs.
function paragraphs(text) {
  return text.trim().split(/\n{2,}/).map((part) => {
    const paragraph = document.createElement("p")
    paragraph.append(...part.split("\n").flatMap((line, place) => place ? [document.createElement("br"), line] : [line]))
    return paragraph
  })
}
