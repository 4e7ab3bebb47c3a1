
# The generated function fails where an option still waits for its value; an
# empty word stands in for that.
function __fish_xtask_needs_command
    set -l words (commandline -opc)[2..-1]
    argparse -s (__fish_xtask_global_optspecs) -- $words 2>/dev/null
    or argparse -s (__fish_xtask_global_optspecs) -- $words '' 2>/dev/null
    or return
    if set -q argv[1]
        echo $argv[1]
        return 1
    end
end

# Values of positional arguments, which are not generated either.
