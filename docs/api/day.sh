#!/bin/sh
# A whole day at the API, with curl only: a person sets up a project, an agent works while they are away,
# they come back. Needs a server with the demo's people (manage.py demo), or an account of your own:
#
#   sh docs/api/day.sh [BASE_URL] [EMAIL] [PASSWORD]
set -eu

base=${1:-http://127.0.0.1:8000}
email=${2:-ann@example.org}
password=${3:-come back soon}

say() { printf '\n# %s\n' "$1"; }

# call METHOD PATH [BODY]: with the bearer in $token, the answer in $answer; ends the script on an error.
call() {
    printf '> %s %s %s\n' "$1" "$2" "${3:-}"
    if [ $# -gt 2 ]; then
        answer=$(curl -sS --fail-with-body -X "$1" "$base$2" -H "Authorization: Bearer $token" \
            -H 'Content-Type: application/json' -d "$3") || { echo "$answer"; exit 1; }
    else
        answer=$(curl -sS --fail-with-body -X "$1" "$base$2" -H "Authorization: Bearer $token") ||
            { echo "$answer"; exit 1; }
    fi
    printf '< %.600s\n' "$answer"
}

# The first value of a field in $answer.
first() { printf '%s' "$answer" | tr ',' '\n' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

token=none
say "Morning: Ann signs in"
answer=$(curl -sS --fail-with-body -X POST "$base/api/auth/token" -H 'Content-Type: application/json' \
    -d "{\"email\": \"$email\", \"password\": \"$password\"}") || { echo "$answer"; exit 1; }
ann=$(first accessToken)
refresh=$(first refreshToken)
token=$ann
echo "signed in; the access token ends by itself in 15 minutes"

say "She makes a project and opens it"
call POST /api/projects '{"title": "Summer concert"}'
project=$(first id)
call POST /api/sessions/start "{\"projectId\": \"$project\", \"userId\": \"me\"}"

say "Two ideas; the second waits for the first"
call POST "/api/projects/$project/items" '{"title": "Rent the mill hall", "text": "Seats 200"}'
hall=$(first id)
call POST "/api/projects/$project/items" '{"title": "Print the posters"}'
posters=$(first id)
call POST "/api/projects/$project/items/$posters/dependencies" "{\"blockingId\": \"$hall\"}"

say "A token for an agent, shown once"
call POST "/api/projects/$project/agent-tokens" '{"name": "Nightly planner", "agentType": "PlannerAgent"}'
agent=$(first token)

say "She leaves"
call POST /api/sessions/end "{\"projectId\": \"$project\"}"

say "Noon: the agent looks where things stand"
token=$agent
call GET "/api/projects/$project/briefing?format=markdown"

say "It reports (twice the same eventId counts once), asks, and decides"
event=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr 'A-Z' 'a-z')
report="{\"action\": \"checked the plan\", \"eventId\": \"$event\", \"details\": {\"gaps\": [{\"description\": \"Nobody said who holds the keys\"}]}}"
call POST "/api/projects/$project/agent-activity" "$report"
call POST "/api/projects/$project/agent-activity" "$report"
call POST "/api/projects/$project/questions" \
    "{\"text\": \"What may the hall cost?\", \"options\": [\"up to 500\", \"up to 900\"], \"blocks\": [\"$hall\"]}"
question=$(first id)
call POST "/api/projects/$project/items" '{"title": "Ask the brass band"}'
band=$(first id)
call POST "/api/projects/$project/items/$band/accept" '{"reason": "They said yes by mail"}'

say "It may not answer for people"
curl -sS -X POST "$base/api/projects/$project/questions/$question/answer" -H "Authorization: Bearer $agent" \
    -H 'Content-Type: application/json' -d '{"answer": "900"}'
echo

say "Evening: Ann comes back. Where did she leave off?"
token=$ann
call POST /api/sessions/start "{\"projectId\": \"$project\", \"resume\": true}"
call GET "/api/sessions/summary/me/$project"
call GET "/api/sessions/suggested-steps/$project"
call GET "/api/sessions/blockers/$project"

say "She answers, and decides; what hung on it clears"
call POST "/api/projects/$project/questions/$question/answer" '{"answer": "Up to 900, if the stage is in it."}'
call POST "/api/projects/$project/items/$hall/decide" '{"reason": "The only hall with a stage"}'
call GET "/api/sessions/blockers/$project"
call POST /api/sessions/track-activity "{\"projectId\": \"$project\", \"kind\": \"read the answers\"}"

say "Night: the agent's next briefing has the answer"
token=$agent
call GET "/api/projects/$project/briefing?format=markdown"

say "The history, and the project as it was in the morning"
token=$ann
call GET "/api/sessions/history/$project?limit=5"
session=$(printf '%s' "$answer" | tr '{' '\n' | grep '"is_active":false' | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | head -n 1)
call GET "/api/projects/$project/sessions/$session/state?at=end"

say "Asked again with the ETag, nothing is sent"
etag=$(curl -sS -D - -o /dev/null "$base/api/projects/$project/items" -H "Authorization: Bearer $ann" |
    tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
curl -sS -o /dev/null -w '%{http_code}\n' "$base/api/projects/$project/items" \
    -H "Authorization: Bearer $ann" -H "If-None-Match: $etag"

say "The concert is cancelled, and she signs out"
call DELETE "/api/projects/$project?confirmTitle=Summer%20concert"
call POST /api/auth/revoke "{\"refreshToken\": \"$refresh\"}"
curl -sS -o /dev/null -w 'the old access token: %{http_code}\n' "$base/api/projects" -H "Authorization: Bearer $ann"
