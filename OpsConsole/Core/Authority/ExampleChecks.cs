namespace OpsConsole.Core.Authority;

/// <summary>How a matrix answers an example.</summary>
/// <param name="Words">What decides, in words: 'R-13 allows it'.</param>
public sealed record ExampleAnswer(RuleOutcome Said, PolicyMatch Match, string Words);

/// <summary>Whether a matrix still answers its examples as they are written.</summary>
public static class ExampleChecks
{
    /// <summary>What the matrix says to a call: a boundary denies, then the first matching rule, else the default.</summary>
    public static RuleOutcome Said(in PolicyMatch match, DefaultOutcome otherwise) => match.Boundary is not null ? RuleOutcome.Deny
        : match.Rule?.Outcome ?? (otherwise == DefaultOutcome.Deny ? RuleOutcome.Deny : RuleOutcome.Approve);

    public static ExampleAnswer Answer(CompiledPolicy policy, MatrixExample example)
    {
        var match = policy.Evaluate(PolicyCall.FromExample(example.Call));
        var said = Said(match, policy.Document.Default);
        var verb = said switch { RuleOutcome.Allow => "allows it", RuleOutcome.Approve => "asks a person", _ => "denies it" };
        return new(said, match, match.Rule is { } rule ? $"{rule.Id} {verb}" : match.Boundary is { } boundary ? $"the boundary about {boundary.Action} {verb}" : $"no row matches, and the default {verb}");
    }

    /// <summary>One error for each example that is answered otherwise than its authors wrote.</summary>
    public static IEnumerable<Finding> Errors(CompiledPolicy policy, MatrixExamples examples)
    {
        foreach (var example in examples.Items)
        {
            var answer = Answer(policy, example);
            if (answer.Said == example.Expect) continue;
            var must = example.Expect switch { RuleOutcome.Allow => "allowed", RuleOutcome.Approve => "approved", _ => "denied" };
            yield return new("example.failed", $"Example '{example.Name}' must be {must}; now {answer.Words}.", answer.Match.Rule?.Id, null, Field(policy.Document, answer.Match), example.Call);
        }
    }

    private static string? Field(MatrixDocument doc, PolicyMatch match)
    {
        if (match.Rule is not null) return $"rules[{match.RuleIndex}].outcome";
        if (match.Boundary is null) return "default";
        for (var i = 0; i < doc.Boundaries.Count; i++)
        {
            if (ReferenceEquals(doc.Boundaries[i], match.Boundary)) return $"boundaries[{i}]";
        }
        return null;
    }
}
