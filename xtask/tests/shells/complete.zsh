# Prints what zsh would offer for the line $2, after sourcing the script $1.
# Completion needs an interactive shell, so one is run in a pseudo-terminal;
# there, whatever is handed to `compadd` and matches is written to a file.

zmodload zsh/zpty
offered=$(mktemp)
zpty inner zsh -f -i
zpty -w inner "PROMPT=; offered=${(q)offered}; source ${(q)0:A:h}/inner.zsh; source ${(q)1}; print RE''ADY"
zpty -r inner seen '*READY*'
zpty -w -n inner $2$'\t'
zpty -r inner seen '*DONE*'
zpty -d inner
print -r -- "$(<$offered)"
rm -f $offered
