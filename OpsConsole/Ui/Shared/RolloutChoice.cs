namespace OpsConsole.Ui.Shared;

/// <summary>The rollout that somebody picked in the top bar, as their browser remembers it: with who picked it, so that the next to sign in there does not inherit it.</summary>
public sealed class RolloutChoice
{
    private string? _remembered;

    /// <summary>Takes what the browser remembers (<see cref="Memo"/>), whatever it is.</summary>
    public void Use(string? memo) => _remembered = memo;

    /// <summary>What this person picked; null: all rollouts.</summary>
    public string? Of(string personId)
        => _remembered is { } memo && memo.Length > personId.Length + 1 && memo[personId.Length] == '~' && memo.StartsWith(personId, StringComparison.Ordinal) ? memo[(personId.Length + 1)..] : null;

    /// <summary>What the browser is to remember (<c>data-remember-rollout</c>).</summary>
    public static string Memo(string personId, string? rolloutId) => $"{personId}~{rolloutId}";
}
