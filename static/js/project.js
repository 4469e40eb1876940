// The project page: what every page needs, and what keeps this one live.

import "./app.js"
import "./live.js"
