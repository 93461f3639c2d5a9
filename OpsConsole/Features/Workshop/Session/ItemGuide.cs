namespace OpsConsole.Features.Workshop.Session;

/// <summary>What to do in an item of the agenda, so that nobody needs another document: the guide of its step, or that of the end.</summary>
/// <param name="Work">The pages on which it is done: what follows the address of the rollout, and words.</param>
internal sealed record ItemGuide(string Purpose, string DoneWhen, IReadOnlyList<string> Pitfalls, IReadOnlyList<(string Path, string Title)> Work)
{
    private static readonly ItemGuide End = new("Read out what you leave with: one scope, one owner, the decisions, and who does what by when.", "Everybody present would tell it the same way tomorrow.",
        ["“We” does nothing until Friday: every action has one person and one day.", "A parking lot that nobody empties is a bin."], [("/worksheets/decisions", "Decisions"), ("/worksheets/actions", "Next actions"), ("/worksheets/parking", "Parking lot")]);

    public static ItemGuide Of(int? step)
    {
        if (StepGuide.All.FirstOrDefault(g => g.Step == step) is not { } guide) return End;
        return new(guide.Purpose, guide.DoneWhen, guide.Pitfalls, [.. guide.Outputs.Select(o => (o.Place.StartsWith('#') ? o.Place : "/" + o.Place, o.Title)), ("/steps", "What is still open")]);
    }
}
