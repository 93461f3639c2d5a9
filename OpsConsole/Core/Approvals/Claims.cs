using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>What claiming a request led to.</summary>
public enum ClaimEffect
{
    /// <summary>It is theirs now.</summary>
    Claimed,
    /// <summary>It was theirs already, and is for longer.</summary>
    Renewed,
    /// <summary>It was theirs already, and was renewed a moment ago.</summary>
    Unchanged,
}

/// <summary>
/// Claiming is acknowledging: one person says that they are looking at a request. Reminders stop, others see it, and everybody may still decide.
/// It ends when they leave, when they decide, or with its time, and the request is as unacknowledged as before.
/// </summary>
public static class Claims
{
    /// <summary>A page that is open says all the time that it is; the row takes it once in this time.</summary>
    public static readonly TimeSpan RenewedAtMost = TimeSpan.FromMinutes(1);

    /// <summary>Whether somebody looks at it, and who.</summary>
    public static string? HeldBy(ApprovalRequest request, DateTimeOffset now) => request.Open && now < request.ClaimedUntil ? request.ClaimedBy : null;

    /// <summary>Faults: <c>approval.decided</c>, <c>approval.expired</c>; <c>approval.claimed</c> (with the request as detail) while somebody else holds it, unless they take it over.</summary>
    public static Result<ClaimEffect> Claim(ApprovalRequest request, string personId, bool takeOver, TimeSpan time, DateTimeOffset now)
    {
        if (ApprovalRules.NotWaiting(request, now) is { } over) return over;
        var holder = HeldBy(request, now);
        if (holder == personId)
        {
            // A clock that was put back must not keep it longer than a claim lasts.
            var left = request.ClaimedUntil!.Value - now;
            if (left <= time && left > time - RenewedAtMost) return ClaimEffect.Unchanged;
            request.Claim(personId, request.ClaimedAt, now + time);
            return ClaimEffect.Renewed;
        }
        if (holder is not null && !takeOver) return Fault.Conflict("approval.claimed", "Somebody else is looking at this.", request);
        request.Claim(personId, now, now + time);
        return ClaimEffect.Claimed;
    }

    /// <summary>Lets go what the person holds; false when they hold nothing.</summary>
    public static bool LetGo(ApprovalRequest request, string personId)
    {
        if (request.ClaimedBy != personId) return false;
        request.Claim(null, null, null);
        return true;
    }

    /// <summary>Ends a claim whose time is over; who held it, or null when nothing ended.</summary>
    public static string? EndIfOver(ApprovalRequest request, DateTimeOffset now)
    {
        if (request.ClaimedUntil is null || now < request.ClaimedUntil) return null;
        var holder = request.ClaimedBy;
        request.Claim(null, null, null);
        return holder;
    }
}
