"""The completion scripts: each asks `traycreds __complete`, with the cursor's word last and after "="."""

from __future__ import annotations

from collections.abc import Mapping

_BASH = r"""# Completion of traycreds for bash. In ~/.bashrc: eval "$(traycreds completion bash)"
_traycreds() {
    # COMP_WORDS is cut at every ":" and "@", which names of roles may have, so the line is cut again, at blanks
    # without a backslash.
    local line=${COMP_LINE:0:COMP_POINT} current='' found value cut at
    local -a words
    read -a words <<<"$line"
    if [[ $line != *[[:space:]] ]]; then
        current=${words[-1]}
        unset 'words[-1]'
    fi
    found=$(command traycreds __complete "${words[@]:1}" "=$current" 2>/dev/null)
    COMPREPLY=()
    case $found in
    :files)
        compopt -o default
        ;;
    :program)
        for ((at = 1; at < COMP_CWORD; at++)); do
            [[ ${COMP_WORDS[at]} == -- ]] && break
        done
        if declare -F _command_offset >/dev/null; then
            _command_offset $((at + 1))
        elif ((COMP_CWORD == at + 1)); then
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
        else
            compopt -o default
        fi
        ;;
    *)
        # readline replaces only what is behind the last of its own breaks
        cut=${current%"${current##*[$COMP_WORDBREAKS]}"}
        while IFS=$'\t' read -r value _; do
            [[ -n $value ]] && COMPREPLY+=("${value#"$cut"}")
        done <<<"$found"
        ;;
    esac
}
complete -F _traycreds traycreds
"""

_ZSH = r"""#compdef traycreds
# Completion of traycreds for zsh. In ~/.zshrc, behind compinit: source <(traycreds completion zsh)
_traycreds() {
    local line
    local -a lines found
    lines=("${(@f)$(command traycreds __complete "${(@Q)words[2,CURRENT-1]}" "=${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
    :files)
        _files
        ;;
    :program)
        local at=${words[(i)--]}
        shift $at words
        ((CURRENT -= at))
        _normal
        ;;
    *)
        for line in $lines; do
            found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        done
        _describe -t values value found
        ;;
    esac
}
if [[ $funcstack[1] == _traycreds ]]; then
    _traycreds "$@"
else
    compdef _traycreds traycreds
fi
"""

_FISH = r"""# Completion of traycreds for fish: traycreds completion fish > ~/.config/fish/completions/traycreds.fish
function __traycreds_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (command traycreds __complete $words[2..-1] "=$current" 2>/dev/null)
    switch "$found[1]"
        case :files
            complete -C "'' $current"
        case :program
            set -l at (contains -i -- -- $words)
            set -l rest (string escape -- $words[(math $at + 1)..-1]) (string escape -n -- "$current")
            complete -C (string join ' ' -- $rest)
        case '*'
            string join \n -- $found
    end
end
complete -c traycreds -f -a '(__traycreds_complete)'
"""

_POWERSHELL = r"""# Completion of traycreds for PowerShell. In $PROFILE:
# traycreds completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName traycreds -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    # Nothing is PowerShell's sign to complete a path, which serves for files and for the arguments of a program
    & traycreds __complete @words "=$wordToComplete" 2>$null | Where-Object { $_ -notlike ':*' } | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
"""The script of each shell."""
