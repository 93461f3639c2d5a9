using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Trust;

/// <summary>One grant of a template: which capability at which tier, why, for how long, and what it takes to be raised.</summary>
public sealed record TemplateLine
{
    public const int MaxReason = 500;
    public static readonly TimeSpan UsualReview = TimeSpan.FromDays(90);

    /// <summary>Lower case: exact, a trailing <c>.*</c>, or <c>*</c>. One line each.</summary>
    public required string Capability { get; init; }
    public required Tier Tier { get; init; }
    public required string Reason { get; init; }
    /// <summary>How long a grant made from it lives; null: until somebody ends it.</summary>
    public TimeSpan? ExpiresIn { get; init; }
    /// <summary>After how long somebody looks at it again.</summary>
    public TimeSpan ReviewIn { get; init; } = UsualReview;
    /// <summary>Null: it stays at this tier.</summary>
    public AdvanceCriteria? Advance { get; init; }

    public DateTimeOffset? ExpiresAt(DateTimeOffset now) => now + ExpiresIn;
    public DateTimeOffset ReviewBy(DateTimeOffset now) => now + ReviewIn;

    /// <summary>Whether a grant was made to live and be looked at for as long as this line says.</summary>
    public bool SameTerms(CapabilityGrant grant) => grant.ExpiresAt == ExpiresAt(grant.CreatedAt) && grant.ReviewBy == ReviewBy(grant.CreatedAt);

    /// <summary><c>ends after 180 days, review after 30 days</c>.</summary>
    public string TermWords => TermsOf(ExpiresIn, ReviewIn);

    internal static string TermsOf(TimeSpan? expires, TimeSpan? review)
        => $"{(expires is { } end ? $"ends after {DurationWords.Of(end)}" : "no end")}, {(review is { } look ? $"review after {DurationWords.Of(look)}" : "no review")}";
}
