using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Trust;

public enum OfferKind { Add, ChangeTier, ChangeDates, End }

/// <summary>One change to an agent's grants that a template offers. Nothing happens until somebody accepts it.</summary>
/// <param name="Line">What the template says; null where it has this capability no more.</param>
/// <param name="Now">The grant that it would replace or end; null where the capability has none of its own.</param>
/// <param name="Widens">The agent could do more than now, or for longer.</param>
/// <param name="Words">The change as a sentence, with what is in force now.</param>
public sealed record OfferLine(OfferKind Kind, string Capability, TemplateLine? Line, CapabilityGrant? Now, bool Widens, string Words);

/// <summary>What lies between an agent's grants and a template: what a person is asked about, one line per capability.</summary>
public static class TemplateOffer
{
    /// <summary>
    /// The difference between the grants that came from the template and what it says now. A capability that is held by a grant from elsewhere (by hand, another
    /// template) is left alone: that was somebody's later decision. Dates count only where the template changed since: at its own version somebody chose them.
    /// </summary>
    /// <param name="live">All live grants of the agent.</param>
    public static IReadOnlyList<OfferLine> Of(TierTemplate template, IReadOnlyList<TemplateLine> lines, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        if (template.Archived) return [];
        List<OfferLine> offer = [];
        foreach (var line in lines)
        {
            var held = Held(line.Capability, live);
            if (held is null || (held.TemplateId == template.Id && (held.Tier != line.Tier || (held.TemplateVersion != template.Version && !line.SameTerms(held))))) offer.Add(Give(line, held, live, now));
        }
        offer.AddRange(live.Where(g => g.TemplateId == template.Id && lines.All(l => l.Capability != g.Capability)).Select(g => End(g, live, now)));
        return [.. offer.OrderBy(o => o.Capability, StringComparer.Ordinal)];
    }

    /// <summary>What every line would do to the agent if the template were applied whole.</summary>
    public static IReadOnlyList<OfferLine> IfApplied(IReadOnlyList<TemplateLine> lines, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
        => [.. lines.Select(line => Give(line, Held(line.Capability, live), live, now))];

    private static CapabilityGrant? Held(string capability, IEnumerable<CapabilityGrant> live) => live.FirstOrDefault(g => g.Capability == capability);

    private static OfferLine Give(TemplateLine line, CapabilityGrant? held, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        var (tier, widens) = (Word(line.Tier), Widens(line.Capability, line, live, now));
        if (held is null)
        {
            var broader = Broader(line.Capability, live);
            return new(OfferKind.Add, line.Capability, line, null, widens, $"Give {line.Capability} as {tier}; {line.TermWords}. {(broader is null ? "Nothing is granted for it now." : $"Now {broader.Capability} as {Word(broader.Tier)} covers it.")}");
        }
        return held.Tier == line.Tier
            ? new(OfferKind.ChangeDates, line.Capability, line, held, widens, $"Renew {line.Capability} as {tier}; {line.TermWords}. So far: {Terms(held)}.")
            : new(OfferKind.ChangeTier, line.Capability, line, held, widens, $"{(line.Tier > held.Tier ? "Raise" : "Lower")} {line.Capability} from {Word(held.Tier)} to {tier}; {line.TermWords}. So far: {Terms(held)}.");
    }

    private static OfferLine End(CapabilityGrant held, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        var broader = Broader(held.Capability, live);
        return new(OfferKind.End, held.Capability, null, held, Widens(held.Capability, null, live, now), $"End {held.Capability} as {Word(held.Tier)}: the template has it no more. {(broader is null ? "Nothing is granted for it then." : $"{broader.Capability} as {Word(broader.Tier)} covers it then.")}");
    }

    /// <summary>
    /// Whether the capability's tier would be higher than it is without the change, now or at any later time: grants end one by one, and where the most specific one has ended the next wider one holds.
    /// Between two ends nothing changes, so that looking at each of them is looking at all times.
    /// </summary>
    /// <param name="line">Comes in place of the capability's own grant; null: that one ends.</param>
    private static bool Widens(string capability, TemplateLine? line, IReadOnlyCollection<CapabilityGrant> live, DateTimeOffset now)
    {
        List<(Tier Tier, DateTimeOffset? End)> wider = [.. Wider(capability, live).OrderByDescending(g => g.Capability.Length).Select(g => (g.Tier, g.ExpiresAt))];
        var before = Held(capability, live) is { } held ? [(held.Tier, held.ExpiresAt), .. wider] : wider;
        var after = line is null ? wider : [(line.Tier, line.ExpiresAt(now)), .. wider];
        return before.Concat(after).Select(g => g.End).OfType<DateTimeOffset>().Append(now).Any(at => At(after, at) > At(before, at));

        static Tier At(IEnumerable<(Tier Tier, DateTimeOffset? End)> grants, DateTimeOffset at) => grants.FirstOrDefault(g => g.End is null || at < g.End).Tier;
    }

    /// <summary>The most specific live grant of a wider capability: what holds where this one has no grant of its own.</summary>
    private static CapabilityGrant? Broader(string capability, IEnumerable<CapabilityGrant> live)
        => Wider(capability, live).MaxBy(g => g.Capability.Length);

    private static IEnumerable<CapabilityGrant> Wider(string capability, IEnumerable<CapabilityGrant> live)
        => ActionPattern.TryParse(capability, out var wanted) ? live.Where(g => g.Capability != capability && ActionPattern.TryParse(g.Capability, out var pattern) && pattern.Covers(wanted)) : [];

    private static string Terms(CapabilityGrant grant) => TemplateLine.TermsOf(grant.ExpiresAt - grant.CreatedAt, grant.ReviewBy - grant.CreatedAt);

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
