using System.Data.Common;
using System.Net.Sockets;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>
/// A draft while one person works on it: their edits, one save at a time, and what becomes of what others save meanwhile. Belongs to one page and its thread of work.
/// </summary>
/// <param name="sheet">The draft as it was opened.</param>
/// <param name="save">Stores a document that is based on a version; faults as <see cref="MatrixDesk.SaveAsync"/>.</param>
/// <param name="open">Reads the draft as it stands now.</param>
/// <param name="knows">As for <see cref="DraftEditor"/>.</param>
internal sealed class DraftSession(DraftSheet sheet, Func<MatrixDocument, long, Task<Result<MatrixDraft>>> save, Func<Task<Result<DraftSheet>>> open, Func<string, string?> knows)
{
    private const int LeavingRounds = 5;

    private Task _running = Task.CompletedTask;
    private long _savedEdits;

    public DraftEditor Editor { get; } = new(sheet.Document, knows);
    /// <summary>What this work is based on: the last that was read or saved.</summary>
    public DraftSheet Base { get; private set; } = sheet;
    /// <summary>What somebody else saved and what cannot be put together with the work here by itself; null when there is none.</summary>
    public DraftSheet? Stale { get; private set; }
    /// <summary>Why the last save did not work; null when it did.</summary>
    public Fault? Fault { get; private set; }
    public bool Dirty => Editor.Edits != _savedEdits;
    public bool Saving => !_running.IsCompleted;

    /// <summary>Saves until nothing is left to save, or something stands in the way (<see cref="Fault"/>, <see cref="Stale"/>). Whoever comes while it runs waits for the same.</summary>
    public Task SaveAsync() => Saving ? _running : _running = RunAsync();

    /// <summary>Somebody saved: what does not stand against the work here becomes one draft with it.</summary>
    public void See(DraftSheet theirs)
    {
        if (!Saving && theirs.Version > (Stale ?? Base).Version) Take(theirs);   // else a save of our own was faster than this look, and looks again itself
    }

    /// <summary>The draft that somebody chose out of both.</summary>
    public void Settle(MatrixDocument merged)
    {
        if (Stale is { } theirs) Become(theirs, merged);
    }

    /// <summary>Nobody is there to choose: of rows that stand against each other both stay.</summary>
    public void SettleWithBoth()
    {
        if (Stale is { } theirs) Become(theirs, MatrixMerge.Of(Base.Document, Editor.Document, theirs.Document).Resolve());
    }

    /// <summary>Whoever leaves loses nothing: also what only turns out to stand against others' work while this saves stays beside theirs.</summary>
    public async Task LeaveAsync()
    {
        if (Saving) await SaveAsync();
        var rounds = LeavingRounds;
        do
        {
            SettleWithBoth();
            await SaveAsync();
        }
        while (Stale is not null && Fault is null && --rounds > 0);
    }

    private async Task RunAsync()
    {
        await Task.Yield();   // so that the first caller, too, sees it running
        while (Dirty && Stale is null)
        {
            var (document, edits) = (Editor.Document, Editor.Edits);
            if (MatrixJson.ToJson(document) == MatrixJson.ToJson(Base.Document))   // undone again, or nothing but unfinished rows
            {
                (_savedEdits, Fault) = (edits, null);
                continue;
            }
            try
            {
                var saved = await save(document, Base.Version);
                if (saved.Ok) (Base, _savedEdits, Fault) = (Base with { Document = document, Version = saved.Value.Version }, edits, null);
                else if (saved.Fault!.Kind != FaultKind.Stale) Fault = saved.Fault;
                else if (await open() is { Ok: true, Value: var theirs }) Take(theirs);
                else Fault = saved.Fault;
            }
            catch (Exception e) when (e is DbException or SocketException or TimeoutException or IOException)
            {
                Fault = new(FaultKind.Unavailable, "draft.unavailable", "the database cannot be reached. What you typed is kept here and saved as soon as it can be.");
            }
            if (Fault is not null) return;
        }
    }

    private void Take(DraftSheet theirs)
    {
        if (!Dirty)
        {
            Become(theirs, theirs.Document);
            return;
        }
        var merge = MatrixMerge.Of(Base.Document, Editor.Document, theirs.Document);
        if (merge.Conflicts.Any(c => c.Base is not null)) Stale = theirs;
        else Become(theirs, merge.Resolve());   // two new rows that happened to get the same id are both wanted
    }

    private void Become(DraftSheet theirs, MatrixDocument document)
    {
        Editor.TakeOver(document, Base.Document);
        (Base, Stale, Fault) = (theirs, null, null);
        _savedEdits = MatrixJson.ToJson(Editor.Document) == MatrixJson.ToJson(theirs.Document) ? Editor.Edits : -1;
    }
}
