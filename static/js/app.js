// What every page needs beyond links and forms. Nothing here is needed to read or to act.

import "./menus.js"
import "./keys.js"
import "./forms.js"
import "./searching.js"
import "./verbs.js"
import { reachTall } from "./tall.js"
import { letToastsGo } from "./toasts.js"
import { tick } from "./times.js"

document.documentElement.classList.remove("no-js")
letToastsGo()
reachTall()
tick()
