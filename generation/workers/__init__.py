"""Workers on other machines. `tokens` says who they are, `claims` what they hold, `promises` what they are
given once, `results` what they bring; `client` is the other end, which knows no database."""
