using OpsConsole.Core.Execution;

namespace OpsConsole.Features.Undo.Ui;

internal static class WindowWords
{
    /// <summary>The action and what it was done to.</summary>
    public static string What(WindowView w) => Core.Shared.VisibleText.Flatten(string.Join(' ', new[] { w.Action, w.ResourceType, w.ResourceId }.Where(t => !string.IsNullOrEmpty(t))));

    /// <summary>How it ended: 'confirmed by dana', or that its time is over.</summary>
    public static string Ended(WindowView w) => w.EndedBy is { } by ? $"{w.State.ToString().ToLowerInvariant()} by {Core.Shared.VisibleText.Flatten(by)}" : w.Required ? "nobody confirmed it in time; the console is about to see to it" : "its window is over, so it is permanent";

    /// <summary>What becomes of it if nobody says anything; of one that has ended, how.</summary>
    public static string Silence(WindowView w) => w switch
    {
        { Open: false } => char.ToUpperInvariant(Ended(w)[0]) + Ended(w)[1..] + ".",
        { State: WindowState.Escalated } => "Nobody confirmed it in time. It waits for somebody to confirm it or to have it undone.",
        { AfterSilence: WindowState.Undone } => "Unless somebody confirms it by then, its undoing begins.",
        { AfterSilence: WindowState.Escalated } => "Unless somebody confirms it by then, an incident tells more people.",
        _ => "Without a veto by then it is permanent.",
    };
}
