namespace OpsConsole.Ui.Shared;

/// <summary>A short message at the edge of the page. <paramref name="Tone"/> is neutral, allow or denied.</summary>
public sealed record Toast(long Id, string Text, string Tone);

/// <summary>Short messages of this circuit: what was done, or why it was not. Nothing that must be read lives only here.</summary>
public sealed class Toasts
{
    private const int Most = 4;
    private long _next;
    private readonly List<Toast> _current = [];

    public IReadOnlyList<Toast> Current => _current;
    public event Action? Changed;

    public void Say(string text) => Add(text, "neutral");
    public void Done(string text) => Add(text, "allow");
    public void Refused(string text) => Add(text, "denied");

    public void Close(long id)
    {
        if (_current.RemoveAll(t => t.Id == id) > 0) Changed?.Invoke();
    }

    private void Add(string text, string tone)
    {
        _current.Add(new(++_next, text, tone));
        if (_current.Count > Most) _current.RemoveAt(0);
        Changed?.Invoke();
    }
}
