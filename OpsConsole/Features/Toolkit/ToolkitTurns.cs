using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Toolkit;

/// <summary>What somebody can have under way: prints, which take a browser, and previews, which only take a processor.</summary>
internal enum ToolkitWork { Print, Preview }

/// <summary>Held while one print or preview is under way; disposing gives it back.</summary>
internal sealed class ToolkitTurn(Action end) : IDisposable
{
    private int _over;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0) end();
    }
}

/// <summary>Bounds what one person, and all together, have under way at a time, whichever way they started it: on a page, by an address, over the API.</summary>
internal sealed class ToolkitTurns
{
    public const int MostOfAll = 50, MostOfOne = 3;
    private readonly Dictionary<(ToolkitWork Work, string PersonId), int> _running = [];

    /// <summary>Faults: <c>toolkit.busy</c>, 429 for the person's own, 503 for everybody's.</summary>
    public Result<ToolkitTurn> Take(PersonCaller caller, ToolkitWork work)
    {
        var key = (work, caller.Id);
        lock (_running)
        {
            var mine = _running.GetValueOrDefault(key);
            if (mine >= MostOfOne) return new Fault(FaultKind.TooMany, "toolkit.busy", $"You have {MostOfOne} {(work == ToolkitWork.Print ? "exports" : "previews")} under way. Try again when one of them is done.");
            if (_running.Where(r => r.Key.Work == work).Sum(r => r.Value) >= MostOfAll) return new Fault(FaultKind.Unavailable, "toolkit.busy", $"Too many {(work == ToolkitWork.Print ? "exports" : "previews")} are under way. Try again when some of them are done.");
            _running[key] = mine + 1;
        }
        return new ToolkitTurn(() => End(key));
    }

    private void End((ToolkitWork, string) key)
    {
        lock (_running)
        {
            if (--_running[key] == 0) _running.Remove(key);
        }
    }
}
