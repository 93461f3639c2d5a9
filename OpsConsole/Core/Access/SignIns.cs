namespace OpsConsole.Core.Access;

/// <summary>
/// When wrong passwords shut somebody out. The lock belongs to an account and an address, so that nobody elsewhere can shut the account's owner out.
/// Against guessing from many addresses the account as a whole slows down, ever more, but not for addresses its owner signed in from lately.
/// </summary>
public static class LockOut
{
    /// <summary>Wrong passwords in a row for one account from one address.</summary>
    public const int MostFailures = 5;
    /// <summary>Wrong passwords in a row for one account from everywhere.</summary>
    public const int MostForAccount = 50;
    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan FamiliarFor = TimeSpan.FromDays(30);

    /// <summary>How long unfamiliar addresses wait after the account's <paramref name="failures"/>-th wrong password in a row: nothing, then 1, 2, 4 … seconds up to <see cref="LockedFor"/>.</summary>
    public static TimeSpan AccountDelay(int failures)
    {
        if (failures < MostForAccount) return TimeSpan.Zero;
        var delay = TimeSpan.FromSeconds(1L << Math.Min(failures - MostForAccount, 20));
        return delay < LockedFor ? delay : LockedFor;
    }
}

/// <summary>An address from which somebody tried to sign in to an account. State, not record; old ones are cleared.</summary>
public sealed class SignInSource
{
    private SignInSource() { }
    public SignInSource(string personId, string address) => (PersonId, Address) = (personId, address);

    public string PersonId { get; private set; } = "";
    public string Address { get; private set; } = "";
    /// <summary>Wrong passwords in a row.</summary>
    public int Failures { get; private set; }
    public DateTimeOffset? LockedUntil { get; private set; }
    public DateTimeOffset? SucceededAt { get; private set; }
    public DateTimeOffset At { get; private set; }

    public bool Locked(DateTimeOffset now) => LockedUntil > now;
    /// <summary>The owner signed in from here lately.</summary>
    public bool Familiar(DateTimeOffset now) => SucceededAt > now - LockOut.FamiliarFor;

    public void Fail(DateTimeOffset now)
    {
        At = now;
        if (++Failures < LockOut.MostFailures) return;
        (Failures, LockedUntil) = (0, now + LockOut.LockedFor);
    }

    public void Succeed(DateTimeOffset now) => (Failures, LockedUntil, SucceededAt, At) = (0, null, now, now);
    public void Unlock() => (Failures, LockedUntil) = (0, null);
}
