using System.Globalization;
using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>A value and where it is put; null is absent. Nearly always at the dimension's own path: where the schema has a list further up, there.</summary>
internal readonly record struct Sample(FieldPath Path, JsonElement? Value);

/// <summary>
/// One field of a call, seen through the conditions on it: enough sample values that every way these conditions can answer together occurs at one of them.
/// Numbers: each limit and the gaps between limits. Texts: each constant, and combinations of the prefixes, parts and suffixes asked for, around text that none of them has.
/// Then the awkward ones: absent, another type, an object, lists. Last what the register describes, so that an example can be a call that an agent is meant to send.
/// </summary>
internal sealed class Dimension
{
    private const int MaxValues = 2_048, MaxPaired = 20, MaxAffixes = 8, MaxDescribed = 600;
    private static readonly string[] Fillers = ["x", "q", "7", "k", "w", "z", "0", "j", "~", "_", "Q", "X"];

    private readonly List<Sample> _values = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <param name="fit">What the register says about the arguments, for an analysis of one action that has them described.</param>
    public Dimension(FieldPath path, IReadOnlyList<Condition> conditions, IEnumerable<string> resourceWords, ArgumentFit? fit = null)
    {
        Path = path;
        string[] words = [.. resourceWords];
        // A resource pattern compares types without case, a condition with it: the spellings between are not all sampled.
        IsExact = !conditions.Any(c => c.Op == Op.Matches) && (words.Length == 0 || conditions.Count == 0 || path.Root != FieldPath.Source.ResourceType);
        if (!IsExact) words = [.. words, .. words.Select(w => w.ToLowerInvariant()), .. words.Select(w => w.ToUpperInvariant())];
        var constants = conditions.SelectMany(Constants).ToList();
        double[] limits = [.. constants.Where(c => c.ValueKind == JsonValueKind.Number).Select(c => c.GetDouble()).Where(double.IsFinite).Distinct().Order()];
        if (path.IsNumber || path.IsJson) Numbers(limits.Length == 0 ? [1] : limits);
        if (!path.IsNumber) Texts(conditions, [.. words, .. constants.Where(c => c.ValueKind == JsonValueKind.String).Select(c => c.GetString()!)]);
        if (path.IsJson)
        {
            Add("true");
            Add("false");
            JsonElement[] scalars = [.. _values.Select(s => s.Value!.Value)];
            var quantified = conditions.Where(c => c.Each is not null).Select(c => (c.Each, c.Op, c.Value?.GetRawText())).Distinct().Count();
            if (quantified > 0) Lists(scalars, pairs: quantified > 1);
            if (quantified > 2) IsExact = false;   // could take three elements to tell apart
            // An empty list on the way to the field is neither there nor unknown, and has no sample.
            if (quantified > 0 && path.Names.Length > 1 && conditions.Any(c => c.Op is Op.Exists or Op.Missing)) IsExact = false;
        }
        _values.Add(new(path, null));
        if (path.IsJson) Add("{}");
        if (fit is not null && path.Root == FieldPath.Source.Arguments) Fitting = Describe(fit, limits, isQuantified: conditions.Any(c => c.Each is not null));
    }

    public FieldPath Path { get; }
    /// <summary>Sample values, the ordinary ones first.</summary>
    public IReadOnlyList<Sample> Values => _values;
    /// <summary>Those with which arguments can fit; null for all. With the last bit where they do not stand for all that fits.</summary>
    public ulong[]? Fitting { get; }
    /// <summary>Whether the samples stand for all values; false with patterns and with very many constants.</summary>
    public bool IsExact { get; private set; }
    /// <summary>One more than the samples: the last bit stands for a value that was not found. See <see cref="CoverSearch"/>.</summary>
    public int Size => _values.Count + 1;

    private static IEnumerable<JsonElement> Constants(Condition condition) => condition.Value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { } value => [value],
    };

    private void Numbers(double[] limits)
    {
        var whole = Path.Root == FieldPath.Source.CostTokens;
        var (min, max) = Path.Root switch
        {
            FieldPath.Source.Confidence => (0d, 1d),
            FieldPath.Source.CostUsd or FieldPath.Source.CostTokens => (0d, 9e15),
            _ => (double.MinValue, double.MaxValue),
        };
        var candidates = SampleNumbers.Around(limits, whole).ToList();
        candidates.InsertRange(2, [max == 1 ? 1 : limits[^1], min == 0 ? 0 : limits[0]]);
        if (max == 1) candidates.AddRange([SampleNumbers.Between(0, limits[0]), SampleNumbers.Between(limits[^1], 1)]);
        if (min == 0 && !whole) candidates.Add(limits[0] / 2);
        foreach (var number in candidates)
        {
            if (double.IsFinite(number) && number >= min && number <= max && (!whole || number == Math.Floor(number))) Add(whole ? ((long)number).ToString(CultureInfo.InvariantCulture) : JsonSerializer.Serialize(number));
        }
    }

    private void Texts(IReadOnlyList<Condition> conditions, string[] constants)
    {
        string[] With(Op op) => [.. conditions.Where(c => c.Op == op && c.Value is { ValueKind: JsonValueKind.String }).Select(c => c.Value!.Value.GetString()!).Distinct()];
        var (prefixes, parts, suffixes) = (With(Op.StartsWith), With(Op.Contains), With(Op.EndsWith));
        // A letter that no constant has cannot complete one by accident.
        var filler = Fillers.FirstOrDefault(f => !constants.Any(c => c.Contains(f, StringComparison.Ordinal)));
        if (filler is null || parts.Length > 1 || prefixes.Length + parts.Length + suffixes.Length > MaxAffixes) IsExact = false;
        filler ??= "\u00b7";
        foreach (var pattern in With(Op.Matches)) Add(JsonSerializer.Serialize(PatternSample.Of(pattern)));
        foreach (var prefix in prefixes.Prepend("").Take(MaxAffixes + 1))
        {
            foreach (var part in parts.Prepend("").Take(MaxAffixes + 1))
            {
                foreach (var suffix in suffixes.Prepend("").Take(MaxAffixes + 1))
                {
                    Add(JsonSerializer.Serialize(prefix + filler + (part.Length > 0 ? part + filler : "") + suffix));
                }
            }
        }
        foreach (var constant in constants) Add(JsonSerializer.Serialize(constant));
    }

    // One element, and two for 'any' conditions that different elements meet.
    private void Lists(JsonElement[] scalars, bool pairs)
    {
        string[] elements = [.. scalars.Select(s => s.GetRawText()), "null"];
        foreach (var element in elements) Add($"[{element}]");
        if (pairs && elements.Length > MaxPaired) IsExact = false;
        string[] paired = pairs ? [.. elements.TakeLast(MaxPaired)] : [];
        for (var i = 0; i < paired.Length; i++)
        {
            for (var j = i + 1; j < paired.Length; j++) Add($"[{paired[i]},{paired[j]}]");
        }
        Add("[]");
        Add("[{}]");
    }

    // After everything else and with a limit of its own, so that a description never makes less of what the conditions alone show.
    private ulong[] Describe(ArgumentFit fit, double[] limits, bool isQuantified)
    {
        var described = FittingSamples.Of(fit, Path, limits, [.. _values]).Take(MaxDescribed).ToList();
        foreach (var sample in described)
        {
            if (_seen.Add($"{(ReferenceEquals(sample.Path, Path) ? "" : sample.Path.Text)} {sample.Value!.Value.GetRawText()}".TrimStart())) _values.Add(sample);
        }
        var fitting = BitSet.Empty(Size);
        for (var i = 0; i < _values.Count; i++)
        {
            if (fit.May(_values[i].Path, _values[i].Value)) BitSet.Add(fitting, i);
        }
        if (!IsExact || isQuantified || described.Count == MaxDescribed || !fit.IsPlain(Path.Names)) BitSet.Add(fitting, Size - 1);
        return fitting;
    }

    private void Add(string json)
    {
        if (_values.Count >= MaxValues) IsExact = false;
        else if (_seen.Add(json)) _values.Add(new(Path, JsonElement.Parse(json)));
    }
}
