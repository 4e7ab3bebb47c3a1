# Completion of `cargo xtask` (and of plain `xtask`) for fish.
#
# Install, from the workspace:
#   mkdir -p ~/.config/fish/conf.d
#   cargo xtask completions fish > ~/.config/fish/conf.d/xtask.fish
#
# Words after `cargo` other than `xtask` are completed as before, whatever did
# it. Nothing here runs cargo.

# Prints `xtask` and the words after it, if that is what cargo is to run.
function __xtask_after_cargo
    set -l words (commandline -opc)[2..-1]
    while set -q words[1]
        switch $words[1]
            case --color --config -C -Z
                set -e words[1..2]
            case '-*' '+*'
                set -e words[1]
            case xtask
                string escape -- $words
                return 0
            case '*'
                return 1
        end
    end
    return 1
end

# Completes as after plain `xtask`.
function __xtask_complete_after_cargo
    complete -C (string join -- ' ' (__xtask_after_cargo) (commandline -ct))
end

complete -c cargo -n __fish_use_subcommand -a xtask -d 'Run a target of this workspace'
complete -c cargo -n '__xtask_after_cargo > /dev/null' -f -a '(__xtask_complete_after_cargo)'

