# Prints what fish would offer for the line $argv[2], after sourcing the script
# $argv[1].

set fish_complete_path
complete -c cargo -n __fish_use_subcommand -a 'bench build'
source $argv[1]
complete -C $argv[2]
