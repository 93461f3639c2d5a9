namespace OpsConsole.Core.Trust;

/// <summary>What one version of a template's lines changed of the one before.</summary>
public static class TemplateChanges
{
    /// <summary>A sentence for each capability that differs, by capability; empty where the lines say the same.</summary>
    public static IReadOnlyList<string> Between(IReadOnlyList<TemplateLine> before, IReadOnlyList<TemplateLine> now)
    {
        var (old, lines) = (before.ToDictionary(l => l.Capability, StringComparer.Ordinal), now.ToDictionary(l => l.Capability, StringComparer.Ordinal));
        return [.. old.Keys.Union(lines.Keys).Order(StringComparer.Ordinal).Select(c => Of(old.GetValueOrDefault(c), lines.GetValueOrDefault(c))).OfType<string>()];
    }

    private static string? Of(TemplateLine? was, TemplateLine? now)
    {
        if (was is null) return $"New: {now!.Capability} as {Word(now.Tier)}; {now.TermWords}.";
        if (now is null) return $"No longer in it: {was.Capability} as {Word(was.Tier)}.";
        List<string> parts = [];
        if (was.Tier != now.Tier) parts.Add($"{(now.Tier > was.Tier ? "raised" : "lowered")} from {Word(was.Tier)} to {Word(now.Tier)}");
        if ((was.ExpiresIn, was.ReviewIn) != (now.ExpiresIn, now.ReviewIn)) parts.Add($"{now.TermWords} (before: {was.TermWords})");
        if (was.Reason != now.Reason) parts.Add($"another reason: “{now.Reason}”");
        if (was.Advance?.Words != now.Advance?.Words) parts.Add(now.Advance is null ? "stays at its tier" : was.Advance is null ? "may advance now" : "another test to advance");
        return parts.Count == 0 ? null : $"{now.Capability}: {string.Join("; ", parts)}.";
    }

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
