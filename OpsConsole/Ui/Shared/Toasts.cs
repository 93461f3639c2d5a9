namespace OpsConsole.Ui.Shared;

/// <summary>A short message at the edge of the page.</summary>
public sealed record Toast(long Id, string Text);

/// <summary>Short messages of this circuit: what was done. Nothing that must be read lives only here.</summary>
public sealed class Toasts
{
    private const int Most = 4;
    private long _next;
    private readonly List<Toast> _current = [];

    public IReadOnlyList<Toast> Current => _current;
    public event Action? Changed;

    public void Done(string text)
    {
        _current.Add(new(++_next, text));
        if (_current.Count > Most) _current.RemoveAt(0);
        Changed?.Invoke();
    }

    public void Close(long id)
    {
        if (_current.RemoveAll(t => t.Id == id) > 0) Changed?.Invoke();
    }
}
