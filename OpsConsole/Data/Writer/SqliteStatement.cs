using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Data.Writer;

/// <summary>
/// A prepared statement of the decision path, straight on SQLite: bind in order with <c>Set</c>, then <see cref="Run"/>. The ADO.NET command looks up every
/// parameter by name, boxes it and makes a reader each time, which costs more than the insert. For a statement without rows, on one thread at a time,
/// to be disposed before its connection.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly nint _database;
    private nint _statement;
    private byte[] _utf8 = new byte[4096];
    private int _next = 1;

    public SqliteStatement(SqliteConnection connection, string text)
    {
        // Read by name, because the property's type is of a newer SQLitePCLRaw than the one compiled against (docs/adr/0004).
        _database = ((SafeHandle)typeof(SqliteConnection).GetProperty("Handle")!.GetValue(connection)!).DangerousGetHandle();
        var utf8 = Encoding.UTF8.GetBytes(text);
        Check(Native.Prepare(_database, ref utf8[0], utf8.Length, Native.Persistent, out _statement, 0));
    }

    public SqliteStatement Set(long value) => Bound(Native.BindLong(_statement, _next, value));
    public SqliteStatement Set(long? value) => value is { } known ? Set(known) : Null();
    public SqliteStatement Set(bool value) => Set(value ? 1L : 0L);
    public SqliteStatement Set(double? value) => value is { } known ? Bound(Native.BindDouble(_statement, _next, known)) : Null();
    public SqliteStatement Set(DateTimeOffset value) => Set(Micros.From(value));
    public SqliteStatement Set(DateTimeOffset? value) => value is { } known ? Set(known) : Null();
    public SqliteStatement Set(byte[] value) => Bound(Native.BindBlob(_statement, _next, ref MemoryMarshal.GetArrayDataReference(value), value.Length, Native.Copied));

    /// <summary>Text that is UTF-8 already.</summary>
    public SqliteStatement SetText(ReadOnlySpan<byte> utf8) => Bound(Native.BindText(_statement, _next, ref MemoryMarshal.GetReference(utf8), utf8.Length, Native.Copied));

    public SqliteStatement Set(string? value)
    {
        if (value is null) return Null();
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_utf8.Length < most) _utf8 = new byte[most];
        return Bound(Native.BindText(_statement, _next, ref _utf8[0], Encoding.UTF8.GetBytes(value, _utf8), Native.Copied));
    }

    public void Run()
    {
        var result = Native.Step(_statement);
        _next = 1;
        if (result != Native.Done) Check(result);
        Check(Native.Reset(_statement));
    }

    public void Dispose()
    {
        _ = Native.Finish(_statement);   // of a null pointer it is harmless, and its result only repeats the last step's
        _statement = 0;
    }

    private SqliteStatement Null() => Bound(Native.BindNull(_statement, _next));

    private SqliteStatement Bound(int result)
    {
        Check(result);
        _next++;
        return this;
    }

    private void Check(int result)
    {
        if (result == 0) return;
        throw new SqliteException($"SQLite Error {result}: '{Marshal.PtrToStringUTF8(Native.Message(_database))}'.", result & 0xFF, result);
    }

    private static class Native
    {
        private const string Library = SqliteBootstrap.NativeName;
        public const int Done = 101;
        public const uint Persistent = 1;
        /// <summary>SQLITE_TRANSIENT: SQLite copies the value before the call returns.</summary>
        public const nint Copied = -1;

        [DllImport(Library, EntryPoint = "sqlite3_prepare_v3")]
        public static extern int Prepare(nint database, ref byte text, int length, uint flags, out nint statement, nint tail);
        [DllImport(Library, EntryPoint = "sqlite3_bind_int64")]
        public static extern int BindLong(nint statement, int index, long value);
        [DllImport(Library, EntryPoint = "sqlite3_bind_double")]
        public static extern int BindDouble(nint statement, int index, double value);
        [DllImport(Library, EntryPoint = "sqlite3_bind_null")]
        public static extern int BindNull(nint statement, int index);
        [DllImport(Library, EntryPoint = "sqlite3_bind_text")]
        public static extern int BindText(nint statement, int index, ref byte value, int length, nint destructor);
        [DllImport(Library, EntryPoint = "sqlite3_bind_blob")]
        public static extern int BindBlob(nint statement, int index, ref byte value, int length, nint destructor);
        [DllImport(Library, EntryPoint = "sqlite3_step")]
        public static extern int Step(nint statement);
        [DllImport(Library, EntryPoint = "sqlite3_reset")]
        public static extern int Reset(nint statement);
        [DllImport(Library, EntryPoint = "sqlite3_finalize")]
        public static extern int Finish(nint statement);
        [DllImport(Library, EntryPoint = "sqlite3_errmsg")]
        public static extern nint Message(nint database);
    }
}
