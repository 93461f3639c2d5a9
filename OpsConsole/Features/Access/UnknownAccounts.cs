namespace OpsConsole.Features.Access;

/// <summary>Attempts to sign in to accounts that do not exist, as one entry of the log stands for them.</summary>
internal sealed record UnknownAttempts(int Count, IReadOnlyList<string> Addresses);

/// <summary>
/// Gathers attempts to sign in to accounts that do not exist: the first goes on record at once, the others at most once a minute together, so that nobody can fill
/// the log from outside. What was typed as the e-mail address is not kept: it may be a password.
/// </summary>
internal sealed class UnknownAccounts
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private const int MostAddresses = 20;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _addresses = [];
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private int _count;

    /// <summary>What is to be put on record now, or null.</summary>
    public UnknownAttempts? Note(string address, DateTimeOffset now)
    {
        lock (_gate)
        {
            _count++;
            if (_addresses.Count < MostAddresses) _addresses.Add(address);
            if (now < _next) return null;
            var attempts = new UnknownAttempts(_count, [.. _addresses]);
            (_count, _next) = (0, now + Every);
            _addresses.Clear();
            return attempts;
        }
    }
}
